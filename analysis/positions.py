"""Which digit of the number is read worst? The share read right at each position, by point."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.drawing.caption import interval_sentence
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label
from analysis.drawing.panels import (
    DASHED,
    MEAN_STYLE,
    Shift,
    draw_dots,
    keep_outer_labels,
    legend_below,
    make_panels,
)
from analysis.drawing.point_styles import PointStyle, Styles, joint_change_styles, single_change_styles
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.ranking import best_first
from study.space.trial import BASELINE

CHANCE = 0.1
"""The share that guessing reads right."""
MOST_DRAWN = 6
"""Of the points that change several factors at once only so many are drawn: the best."""
LONG_LABEL = 40
"""Characters of a label. A legend with one this long has a single column."""
SPREAD = 0.6
"""The points of a study spread over so much of the way from one position to the next."""
SMALL_MEAN = {**MEAN_STYLE, "markersize": 4, "capsize": 2, "linewidth": 1.2}
MARKS = "Dots: seeds; diamonds: means; bars: 95 % Student's t intervals; dashed: chance."


def draw(table: pd.DataFrame, *, factor: str | None, ax: Axes) -> Axes:
    """Draws at each position every seed, the mean and its interval of the baseline and of some changes to it.

    These are the points that change only this factor; if `factor` is None, the best of those that change several.
    """
    digits = cell_table.digit_shares(table)
    means = intervals.digit_means(digits)
    styles = {point: look for point, look in _styles(table, factor=factor).items() if point in set(means["point"])}
    for turn, (point, look) in enumerate(styles.items()):
        offset = SPREAD * (turn / max(len(styles) - 1, 1) - 0.5)
        seeds, mean = digits[digits["point"] == point], means[means["point"] == point]
        _draw_point(seeds, mean, offset=offset, look=look, ax=ax)
    ax.axhline(CHANCE, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5, zorder=1)
    _label_positions(sorted(digits["position"].unique()), ax=ax)
    if factor:
        ax.set_title(factor_label(factor), loc="left")
    longest = max(len(look.label) for look in styles.values())
    legend_below(ax, columns=2 if longest < LONG_LABEL else 1)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each factor that some point changes alone, else one for joint changes."""
    table = source.table
    if cell_table.digit_shares(table)["position"].nunique() < 2:
        raise FigureError(f"{source.name}: comparable cells need two positions with a share read right, and have fewer")
    factors = _panel_factors(table)
    figure, axes = make_panels(len(factors), height=3.8 if len(factors) == 1 else 3.2)
    for factor, ax in zip(factors, axes, strict=True):
        draw(table, factor=factor, ax=ax)
    keep_outer_labels(axes)
    drawn = {point for factor in factors for point in _styles(table, factor=factor)}
    cells = cell_table.comparable(table)
    cells = cells[cells["point"].isin(drawn)]
    return Composed.about(
        cells, figure, title="Which digit is read worst?", answer=answer(cells), marks=MARKS, note=_note(cells)
    )


def answer(cells: pd.DataFrame) -> str:
    """Returns in a sentence which position is read worst and which best, over all these cells."""
    shares = intervals.digit_means(cell_table.digit_shares(cells), by=["position"]).set_index("position")["mean"]
    worst, best = shares.idxmin(), shares.idxmax()
    return (
        f"Digit {worst} is read worst, {shares.min():.3f}; digit {best} best, {shares.max():.3f}: means of all cells."
    )


def _panel_factors(table: pd.DataFrame) -> list[str | None]:
    alone = changes(cell_table.complete(cell_table.comparable(table))).values()
    return [*dict.fromkeys(factor for change in alone if len(change) == 1 for factor in change)] or [None]


def _styles(table: pd.DataFrame, *, factor: str | None) -> Styles:
    by_point = changes(table)
    if factor:
        return single_change_styles(by_point, factor=factor)
    means = intervals.means(cell_table.comparable(table), by=["point"])
    ranked = best_first(means, direction=table["direction"].iloc[0])["point"]
    best = [str(point) for point in ranked if point != BASELINE][:MOST_DRAWN]
    return joint_change_styles({point: by_point[point] for point in best})


def _draw_point(seeds: pd.DataFrame, mean: pd.DataFrame, *, offset: float, look: PointStyle, ax: Axes) -> None:
    draw_dots(ax, seeds["position"] + offset, seeds["value"], shift=Shift(right=-4), colour=look.colour)
    bars = [mean["mean"] - mean["low"], mean["high"] - mean["mean"]]
    x = mean["position"] + offset
    ax.errorbar(x, mean["mean"], yerr=bars, color=look.colour, label=look.label, **SMALL_MEAN)


def _label_positions(positions: list[int], *, ax: Axes) -> None:
    """Labels both axes and shades every second position, so that the points of each are seen to belong together."""
    ax.set_xticks(positions)
    ax.set_xlim(min(positions) - 0.5, max(positions) + 0.5)
    ax.grid(visible=False, axis="x")
    for position in positions[1::2]:
        ax.axvspan(position - 0.5, position + 0.5, color=style().band, zorder=0)
    ax.set_xlabel("position of the digit")
    ax.set_ylabel("share read right\n(validation)")


def _note(cells: pd.DataFrame) -> str:
    marks = "Dots are seeds, diamonds their means, bars the means' 95 % Student's t intervals; dashed: chance."
    return interval_sentence(cell_table.complete(cells), marks)


SCRIPT = FigureScript("positions", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
