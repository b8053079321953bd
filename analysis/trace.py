"""How did the search go? Each trial in order, the best so far, what was tried, and what the confirmed points hold."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from analysis.figure import MEAN, WIDTH, FigureError, caption, entitle, interval_words, objective_words, place_dots
from analysis.script import Script, Source
from analysis.words import (
    GREY,
    INK,
    WIDEST_LINEAR,
    colours,
    factor_words,
    level_text,
    level_words,
    places,
    point_words,
    short,
)
from study.inference import cell_table as tidy
from study.inference import intervals
from study.inference.cell_table import BASELINE
from study.inference.columns import level_column

ENDED = {"pruned": "x", "diverged": "+", "failed": "1"}
"""How a trial that is no full measurement is marked, by why."""
MOST_LEVELS = 6
"""A factor with more levels than that has an axis of numbers where it can."""
ROW = 0.75
"""Inches of height that a factor takes."""
LEFT = -7


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """The objective of each trial in the order in which the search began them, and the best so far.

    One that did not end well is marked at its last value, or at the lower edge where it has none.
    """
    cells = tidy.searched(table)
    whole = tidy.complete(cells)
    ax.step(cells["trial"], cells["best"], where="post", color=GREY, linewidth=1.5, label="best so far")
    ink = [INK if point == BASELINE else "#2a6f97" for point in whole["point"]]
    place_dots(ax, whole["trial"], whole["value"], aside=(0, 0), c=ink)
    for state, marker in ENDED.items():
        _mark(cells[cells["state"] == state], marker=marker, label=state, ax=ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlim(0, len(cells) + 1)
    ax.set_ylabel(objective_words(table))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return ax


def draw_confirmed(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """The points that were run again, the best first: every seed, the mean and its interval; named by their trial."""
    means = intervals.means(_confirmed(table), by=["point"])
    means = means.sort_values("mean", ascending=table["direction"].iloc[0] != "maximize")
    cells = tidy.complete(_confirmed(table)).groupby("point")[tidy.objective(table)]
    for place, row in enumerate(means.to_dict("records")):
        colour = INK if row["point"] == BASELINE else "#2a6f97"
        place_dots(ax, place, cells.get_group(row["point"]), aside=(LEFT, 0), color=colour)
        bar = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
        ax.errorbar(place, row["mean"], yerr=bar, color=colour, **MEAN)
    turns = tidy.searched(table).drop_duplicates("point").set_index("point")["trial"]
    names = [BASELINE if point == BASELINE else str(turns.get(point, point)) for point in means["point"]]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.7, len(names) - 0.3)
    ax.set_xlabel("confirmed on fresh seeds: trial")
    return ax


def draw_tried(table: pd.DataFrame, *, factor: str, ax: Axes) -> Axes:
    """The level of a factor in each trial."""
    cells = tidy.searched(table).dropna(subset=[level_column(factor)])
    spots, palette = places(cells[level_column(factor)]), colours(table["point"], factor=factor)
    levels = [tidy.changed(point).get(factor) for point in cells["point"]]
    ink = [INK if level is None else palette[level] for level in levels]
    ax.scatter(cells["trial"], [spots[level] for level in cells[level_column(factor)]], c=ink, s=16, linewidths=0)
    if len(spots) <= MOST_LEVELS:
        ax.set_yticks(list(spots.values()), [level_words(level_text(level)) for level in spots])
    elif min(spots.values()) > 0 and max(spots.values()) > WIDEST_LINEAR * min(spots.values()):
        ax.set_yscale("log")
    else:
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=all(spot == int(spot) for spot in spots.values())))
    ax.tick_params(axis="y", labelsize=8)
    ax.margins(y=0.25)
    ax.set_ylabel(factor_words(factor), rotation=0, ha="right", va="center")
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The trials above, what each of them tried below, the confirmed points beside; of a sweep."""
    table = source.table
    study = str(table["study"].iloc[0])
    if tidy.complete(tidy.searched(table)).empty:
        raise FigureError(f'{study}: no search with a complete cell; a trace needs `kind = "sweep"` in [design]')
    factors = tidy.varied(table)
    figure = Figure(figsize=(WIDTH, 5 + ROW * len(factors)), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.05))
    beside = not tidy.complete(_confirmed(table)).empty
    heights = [6.5, *[1.0] * len(factors)]
    grid = figure.add_gridspec(len(heights), 1 + beside, height_ratios=heights, width_ratios=[3, 1.4][: 1 + beside])
    top = draw(table, ax=figure.add_subplot(grid[0, 0]))
    if beside:
        draw_confirmed(table, ax=figure.add_subplot(grid[0, 1], sharey=top)).tick_params(labelleft=False)
    rows = [
        draw_tried(table, factor=name, ax=figure.add_subplot(grid[turn, 0], sharex=top))
        for turn, name in enumerate(factors, start=1)
    ]
    for ax in [top, *rows][:-1]:
        ax.tick_params(labelbottom=False)
    [top, *rows][-1].set_xlabel("trial, in the order in which the search began them")
    title = f"How did the search for the best {short(objective_words(table))} go?"
    entitle(figure, title=title, caption=caption(table, note=_note(table)))
    return figure, study


def _mark(cells: pd.DataFrame, *, marker: str, label: str, ax: Axes) -> None:
    if cells.empty:
        return
    look: dict[str, Any] = {"marker": marker, "color": "#b5451f", "linestyle": "none", "markersize": 7}
    known = cells[cells["value"].notna()]
    ax.plot(known["trial"], known["value"], label=label, **look)
    lost = cells[cells["value"].isna()]
    ax.plot(lost["trial"], [0.02] * len(lost), transform=ax.get_xaxis_transform(), **look)


def _confirmed(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["phase"] == "confirm"]


def _note(table: pd.DataFrame) -> str:
    own = (
        "Left: a dot is a trial of the search, black the baseline; the search chose by these values, so its best ones "
        "look better than they are."
    )
    cells = tidy.complete(_confirmed(table))
    if cells.empty:
        return f"{own} Nothing was confirmed on fresh seeds yet."
    best = str(intervals.means(cells, by=["point"]).set_index("point")["mean"].pipe(_best, table))
    bars = "Right: dots are fresh seeds, diamonds their means, bars the means' 95 % Student's t intervals."
    return f"{own} {interval_words(cells, bars)} Best confirmed: {point_words(best)}."


def _best(means: "pd.Series[float]", table: pd.DataFrame) -> object:
    return means.idxmax() if table["direction"].iloc[0] == "maximize" else means.idxmin()


SCRIPT = Script("trace", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
