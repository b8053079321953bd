"""Which digit of the number is read worst? The share read right at each position, by point."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figure import (
    MEAN,
    FigureError,
    caption,
    entitle,
    interval_words,
    keep_outer_labels,
    name_below,
    panels,
    place_dots,
)
from analysis.script import Script, Source
from analysis.words import INK, colours, factor_words, level_words, numbers, point_words
from study.inference import cell_table as tidy
from study.inference import intervals
from study.inference.cell_table import BASELINE

CHANCE = 0.1
MOST_JOINT = 6
"""Of the points that change several factors at once, so many are drawn: the best."""
WIDE = 40
"""Letters of a name with which two stand beside each other no more."""
SPREAD = 0.6
"""Of the way from one position to the next, over which the points of a study spread."""
Looks = dict[str, tuple[str, str]]
"""Of each point to draw: its colour and its name."""


def draw(table: pd.DataFrame, *, factor: str | None, ax: Axes) -> Axes:
    """The baseline and the points that change this factor alone; None: those that change several.

    At each position stand every seed, the mean and its interval.
    """
    digits = tidy.digits(table)
    means = intervals.digit_means(digits)
    looks = _looks(table, factor=factor)
    here = {point: look for point, look in looks.items() if point in set(means["point"])}
    for turn, (point, (colour, label)) in enumerate(here.items()):
        aside = SPREAD * (turn / max(len(here) - 1, 1) - 0.5)
        seeds, mean = digits[digits["point"] == point], means[means["point"] == point]
        place_dots(ax, seeds["position"] + aside, seeds["value"], aside=(-4, 0), color=colour)
        bars = [mean["mean"] - mean["low"], mean["high"] - mean["mean"]]
        look = {**MEAN, "markersize": 4, "capsize": 2, "linewidth": 1.2}
        ax.errorbar(mean["position"] + aside, mean["mean"], yerr=bars, color=colour, label=label, **look)
    ax.axhline(CHANCE, color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5, zorder=1)
    places = sorted(digits["position"].unique())
    ax.set_xticks(places)
    ax.set_xlim(min(places) - 0.5, max(places) + 0.5)
    ax.grid(visible=False, axis="x")
    for place in places[1::2]:
        ax.axvspan(place - 0.5, place + 0.5, color="#f5f5f5", zorder=0)
    ax.set_xlabel("position of the digit")
    ax.set_ylabel("share of digits read right (validation)")
    if factor:
        ax.set_title(factor_words(factor), loc="left")
    widest = max(len(label) for _, label in here.values())
    name_below(ax, columns=2 if widest < WIDE else 1)
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """A panel for each factor that some point changes alone, else one for the best points that change several."""
    table = source.table
    if tidy.digits(table)["position"].nunique() < 2:
        raise FigureError(f"{source.name}: no two positions were recorded of a comparable cell")
    changes = [tidy.changed(point) for point in tidy.complete(tidy.comparable(table))["point"].unique()]
    alone = dict.fromkeys(factor for change in changes if len(change) == 1 for factor in change)
    factors: list[str | None] = [*alone] or [None]
    figure, axes = panels(len(factors), height=5.2 if len(factors) == 1 else 4.2)
    for factor, ax in zip(factors, axes, strict=True):
        draw(table, factor=factor, ax=ax)
    keep_outer_labels(axes)
    cells = tidy.comparable(table)
    drawn = {point for factor in factors for point in _looks(table, factor=factor)}
    cells = cells[cells["point"].isin(drawn)]
    entitle(figure, title="Which digit is read worst?", caption=caption(cells, note=_note(cells)))
    return figure, str(table["study"].iloc[0])


def _looks(table: pd.DataFrame, *, factor: str | None) -> Looks:
    return _levels(table, factor=factor) if factor else _joint(table)


def _levels(table: pd.DataFrame, *, factor: str) -> Looks:
    points = [str(point) for point in table["point"].unique()]
    palette = colours(points, factor=factor)
    named = {point: change[factor] for point in points if list(change := tidy.changed(point)) == [factor]}
    if numbers(named.values()) is not None:
        named = dict(sorted(named.items(), key=lambda item: float(item[1])))
    return {BASELINE: (INK, BASELINE)} | {point: (palette[level], level_words(level)) for point, level in named.items()}


def _joint(table: pd.DataFrame) -> Looks:
    means = intervals.means(tidy.comparable(table), by=["point"])
    ranked = means.sort_values("mean", ascending=table["direction"].iloc[0] != "maximize")["point"]
    best = [str(point) for point in ranked if point != BASELINE][:MOST_JOINT]
    shades = sns.color_palette("colorblind").as_hex()
    return {BASELINE: (INK, BASELINE)} | {point: (shades[turn], point_words(point)) for turn, point in enumerate(best)}


def _note(cells: pd.DataFrame) -> str:
    marks = "Dots are seeds, diamonds their means, bars the means' 95 % Student's t intervals; dashed: chance."
    overall = tidy.digits(cells).groupby("position")["value"].mean()
    worst = f"Over these cells digit {overall.idxmin()} is read worst ({overall.min():.3f})"
    best = f"digit {overall.idxmax()} best ({overall.max():.3f})"
    return f"{interval_words(tidy.complete(cells), marks)} {worst}, {best}."


SCRIPT = Script("positions", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
