"""Do two factors act together? The mean objective at each pair of their levels, for every pair that a grid holds."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import (
    factor_label,
    level_label,
    level_text,
    objective_label,
    without_brackets,
)
from analysis.drawing.level_axis import level_positions
from analysis.drawing.panels import make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.columns import level_column
from study.inference.factorial import grid_sentence, terms
from study.inference.nuisance import at_best_nuisance
from study.space.trial import BASELINE
from study.terminal import Digits

Pair = tuple[str, str]
Levels = dict[str, list[object]]
"""The levels of each of the two columns, in the order in which the axis shows them."""
LOOK = {"linewidths": 2, "cbar": False, "annot_kws": {"fontsize": 9.5}}
MARKS = "In each field the mean, ± half its 95 % Student's t interval, and n; framed: the baseline."


def draw(table: pd.DataFrame, *, factors: Pair, ax: Axes) -> Axes:
    """Draws for each pair of levels the mean, half its interval's width and n. Other factors are at the baseline."""
    cells = cell_table.around_baseline(table, factors)
    columns = [level_column(factor) for factor in factors]
    means = intervals.means(cells, by=columns)
    levels: Levels = {column: list(level_positions(cells[column])) for column in columns}
    values = _as_grid(means, means["mean"], levels=levels)
    texts = _as_grid(means, _field_texts(means), levels=levels).fillna("–").to_numpy()
    low, high = _colour_limits(table)
    sns.heatmap(values, annot=texts, fmt="", cmap=_colour_map(table), vmin=low, vmax=high, ax=ax, **LOOK)
    _label_axes(ax, factors=factors, levels=levels)
    _frame_baseline(ax, cells, levels=levels)
    return ax


def compose(source: Source, *, factors: list[str] | None = None) -> Composed:
    """Returns the figure: a panel for each pair of factors that were varied together, or for the two asked for."""
    table = source.table
    pairs = _chosen(table, factors)
    figure, axes = make_panels(len(pairs), height=3.6 if len(pairs) == 1 else 3, sharey=False)
    for pair, ax in zip(pairs, axes, strict=True):
        draw(table, factors=pair, ax=ax)
    names = " and ".join(map(factor_label, pairs[0])) if len(pairs) == 1 else "the factors"
    title = f"Do {names} act together on {without_brackets(objective_label(table))}?"
    cells = pd.concat([cell_table.around_baseline(table, pair) for pair in pairs]).drop_duplicates(["point", "seed"])
    note = f"{_note(table)}{_not_shown(table, cells)}"
    return Composed.about(cells, figure, title=title, marks=MARKS, note=note)


def _chosen(table: pd.DataFrame, factors: list[str] | None) -> list[Pair]:
    """Returns the pairs to draw: those varied together, or the one asked for."""
    study, crossed = table["study"].iloc[0], cell_table.crossed_pairs(cell_table.complete(table))
    if not crossed:
        way = 'a heatmap needs a grid (`kind = "grid"` in [design])'
        raise FigureError(f"{study}: no two factors were varied together with the others at the baseline; {way}")
    if factors is None:
        return crossed
    if chosen := [pair for pair in crossed if set(pair) == set(factors)]:
        return chosen
    pairs = ", ".join(" and ".join(pair) for pair in crossed)
    raise FigureError(f"{study}: {' and '.join(factors)} were not varied together; these were: {pairs}")


def _note(table: pd.DataFrame) -> str:
    marks = "In each field the mean over seeds, half the width of its 95 % Student's t interval (±), and n."
    frame = "framed: the baseline, at which the other factors are kept."
    return (
        f"{marks} Brighter is better; grey: no complete cell; {frame} {grid_sentence(terms(at_best_nuisance(table)))}"
    )


def _not_shown(table: pd.DataFrame, cells: pd.DataFrame) -> str:
    """Says how many comparable cells are in no panel because they change other factors, too."""
    count = len(cell_table.complete(cell_table.comparable(table))) - len(cell_table.complete(cells))
    return f" Not shown: {count} cells that change other factors, too." if count else ""


def _as_grid(means: pd.DataFrame, values: "pd.Series", *, levels: Levels) -> pd.DataFrame:
    """Arranges a value for each row of `means` as the panel shows it, the first factor's levels from left to right."""
    across, down = levels
    wide = means.assign(value=values).pivot(index=down, columns=across, values="value")
    return wide.reindex(index=levels[down], columns=levels[across])


def _field_texts(means: pd.DataFrame) -> "pd.Series[str]":
    digits = Digits.of(means["mean"], halves=means["high"] - means["mean"])

    def text(mean: float, high: float, n: int) -> str:
        half = f"\n± {digits.show(high - mean)}" if np.isfinite(high) else ""
        return f"{digits.show(mean)}{half}\nn = {n}"

    return pd.Series(list(map(text, means["mean"], means["high"], means["n"])), index=means.index, dtype=str)


def _colour_limits(table: pd.DataFrame) -> tuple[float, float]:
    """Returns the ends of the colour scale: the lowest and highest mean of the study, so that its panels compare."""
    means = intervals.means(table, by=["point"])["mean"]
    return float(means.min()), float(means.max())


def _colour_map(table: pd.DataFrame) -> str:
    return "viridis" if table["direction"].iloc[0] == "maximize" else "viridis_r"


def _label_axes(ax: Axes, *, factors: Pair, levels: Levels) -> None:
    across, down = ([level_label(level_text(level)) for level in column] for column in levels.values())
    ax.set_facecolor(style().band)
    ax.grid(visible=False)
    ax.set_xticks(np.arange(len(across)) + 0.5, across, rotation=0)
    ax.set_yticks(np.arange(len(down)) + 0.5, down, rotation=0)
    ax.tick_params(length=0)
    ax.set_xlabel(factor_label(factors[0]))
    ax.set_ylabel(factor_label(factors[1]))


def _frame_baseline(ax: Axes, cells: pd.DataFrame, *, levels: Levels) -> None:
    for row in cells[cells["point"] == BASELINE].head(1).to_dict("records"):
        x, y = (column_levels.index(row[column]) for column, column_levels in levels.items())
        ax.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=style().ink, linewidth=2.5, clip_on=False))


SCRIPT = FigureScript("heatmap", compose, ("--factors",))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
