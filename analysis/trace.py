"""How did the search go? Each trial in order, the best so far, what was tried, and the means of confirmed points."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MaxNLocator, NullLocator

from analysis.drawing.caption import interval_sentence
from analysis.drawing.colours import level_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import (
    factor_label,
    level_label,
    level_text,
    mean_text,
    objective_label,
    point_label,
    without_brackets,
)
from analysis.drawing.level_axis import as_numbers, is_logarithmic, level_positions, set_round_ticks, set_wide_scale
from analysis.drawing.panels import LEFT_OF_MEAN, are_many, draw_dots, draw_mean, make_figure
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.columns import level_column
from study.inference.ranking import best_first
from study.space.trial import BASELINE
from study.terminal import Digits, number

ENDED_EARLY = {"pruned": "x", "diverged": "+", "failed": "1"}
"""State of a trial without a full measurement → its mark."""
MOST_LEVELS = 6
"""A numeric factor with more levels than this has an axis of numbers instead of a tick for each level."""
NEAREST = 0.24
"""The least distance of two ticks of a factor, as a part of its axis."""
ROW = 0.6
"""Inches of height that a factor takes."""
MARKS = (
    "Bars: 95 % Student's t intervals over fresh seeds; black: the baseline; the search's own best values are lucky."
)


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws the objective of each trial in the order in which the search began them, and the best so far.

    A trial that ended early is marked at its last value, or at the lower edge if it has none.
    """
    cells = cell_table.search_history(table)
    whole = cell_table.complete(cells)
    ax.step(cells["trial"], cells["best"], where="post", color=style().grey, linewidth=1.5, label="best so far")
    draw_dots(ax, whole["trial"], whole["value"], colour=[_colour(point) for point in whole["point"]])
    for state, marker in ENDED_EARLY.items():
        _mark(cells[cells["state"] == state], marker=marker, label=state, ax=ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlim(cells["trial"].min() - 1, cells["trial"].max() + 1)
    ax.set_ylabel(objective_label(table))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return ax


def draw_confirmed(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws the points that were run again, the best first: every seed, the mean and its interval."""
    means = _ranked(table)
    cells = cell_table.complete(_confirmed(table)).groupby("point")[cell_table.objective(table)]
    for x, row in enumerate(means.to_dict("records")):
        colour = _colour(row["point"])
        draw_dots(ax, x, cells.get_group(row["point"]), shift=LEFT_OF_MEAN, colour=colour)
        draw_mean(ax, x, row, colour=colour)
    names = _trial_names(table, means)
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.7, len(names) - 0.3)
    ax.set_xlabel("on fresh seeds:\npoint of trial")
    return ax


def draw_tried(table: pd.DataFrame, *, factor: str, ax: Axes, log: bool | None = None) -> Axes:
    """Draws the level of a factor in each trial. `log` says whether the study declares it as logarithmic."""
    column = level_column(factor)
    cells = cell_table.search_history(table).dropna(subset=[column])
    positions, palette = level_positions(cells[column]), level_colours(changes(table).values(), factor=factor)
    by_point = changes(cells)
    levels = [by_point[point].get(factor) for point in cells["point"]]
    colours = [style().ink if level is None else palette[level] for level in levels]
    look: dict[str, Any] = {"s": 16, "linewidths": 0, "rasterized": are_many(cells)}
    ax.scatter(cells["trial"], [positions[level] for level in cells[column]], c=colours, **look)
    _set_vertical_levels(ax, positions, log=log)
    ax.set_ylabel(factor_label(factor), rotation=0, ha="right", va="center")
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure of a sweep: trials above, the levels they tried below, confirmed points at the right."""
    table = source.table
    study = str(table["study"].iloc[0])
    if cell_table.complete(cell_table.search_history(table)).empty:
        raise FigureError(f'{study}: no search with a complete cell; a trace needs `kind = "sweep"` in [design]')
    factors = cell_table.varied(table)
    figure, grid = _make_grid(len(factors), confirmed=not cell_table.complete(_confirmed(table)).empty)
    top = draw(table, ax=figure.add_subplot(grid[0, 0]))
    if grid.ncols > 1:
        draw_confirmed(table, ax=figure.add_subplot(grid[0, 1], sharey=top)).tick_params(labelleft=False)
    below = [figure.add_subplot(grid[row, 0], sharex=top) for row in range(1, len(factors) + 1)]
    for factor, ax in zip(factors, below, strict=True):
        draw_tried(table, factor=factor, ax=ax, log=source.is_logarithmic(factor))
    _label_trials([top, *below])
    title = f"How did the search for the best {without_brackets(objective_label(table))} go?"
    return Composed.about(table, figure, title=title, answer=answer(table), marks=MARKS, note=_note(table))


def answer(table: pd.DataFrame) -> str:
    """Returns in a sentence which trial was the search's best, and which point is best on fresh seeds."""
    history = cell_table.search_history(table)
    whole = cell_table.complete(history)
    best = best_first(whole.assign(mean=whole["value"]), direction=table["direction"].iloc[0]).iloc[0]
    begun = f"Of {len(history):,} trials the best was trial {best['trial']:g}, {number(best['value'])}"
    if cell_table.complete(_confirmed(table)).empty:
        return f"{begun}; the search chose by this value, so it is too good."
    means = _ranked(table)
    first = means.to_dict("records")[0]
    digits, name = Digits.of([first["mean"]], halves=[first["high"] - first["mean"]]), _trial_names(table, means)[0]
    others = f" of {len(means)} points" if len(means) > 1 else ""
    called = "the baseline" if name == BASELINE else f"the point of trial {name}" if name.isdecimal() else name
    return f"{begun}; on fresh seeds {called} is best{others}, {mean_text(first, digits)}."


def _colour(point: str) -> str:
    return style().ink if point == BASELINE else style().blue


def _mark(cells: pd.DataFrame, *, marker: str, label: str, ax: Axes) -> None:
    """Marks trials that ended early."""
    if cells.empty:
        return
    look: dict[str, Any] = {"marker": marker, "color": style().red, "linestyle": "none", "markersize": 7}
    with_value, without = cells[cells["value"].notna()], cells[cells["value"].isna()]
    ax.plot(with_value["trial"], with_value["value"], label=label, **look)
    ax.plot(without["trial"], [0.02] * len(without), transform=ax.get_xaxis_transform(), **look)


def _trial_names(table: pd.DataFrame, means: pd.DataFrame) -> list[str]:
    """Returns a name for each of these points: the search's trial that first tried it. Its own name is too long."""
    trials = cell_table.search_history(table).drop_duplicates("point").set_index("point")["trial"]
    names = {point: f"{trial:g}" for point, trial in trials.items()} | {BASELINE: BASELINE}
    return [names.get(point, str(point)) for point in means["point"]]


def _set_vertical_levels(ax: Axes, positions: dict[object, float], *, log: bool | None) -> None:
    values = list(positions.values())
    names = as_numbers(positions) is None
    if not names and is_logarithmic(values, declared=log):
        set_wide_scale(ax.set_yscale, values)
    if names or len(positions) <= MOST_LEVELS:
        some = list(positions) if names else _spaced(positions, log=ax.get_yscale() == "log")
        ax.set_yticks([positions[level] for level in some], [level_label(level_text(level)) for level in some])
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        set_round_ticks(ax.yaxis, most=3)
    ax.tick_params(axis="y", labelsize=8)
    ax.margins(y=0.25)


def _spaced(positions: dict[object, float], *, log: bool) -> list[object]:
    """Returns those levels whose ticks do not touch: from the lowest, each that is far enough from the one below."""
    places = {level: np.log(value) if log else value for level, value in positions.items()}
    least = NEAREST * (max(places.values()) - min(places.values()))
    chosen: list[object] = []
    for level, place in places.items():
        if not chosen or place - places[chosen[-1]] >= least:
            chosen.append(level)
    return chosen


def _make_grid(factors: int, *, confirmed: bool) -> tuple[Figure, GridSpec]:
    """Returns the figure and its grid: a row for the trials, one for each factor, a column for confirmed points."""
    figure = make_figure(4.2 + ROW * factors)
    heights, widths = [6.5, *[1.0] * factors], [3, 1.4] if confirmed else [3]
    return figure, figure.add_gridspec(len(heights), len(widths), height_ratios=heights, width_ratios=widths)


def _label_trials(column: list[Axes]) -> None:
    """Labels the shared horizontal axis of these panels once, at the lowest."""
    for ax in column[:-1]:
        ax.tick_params(labelbottom=False)
    column[-1].set_xlabel("trial, in the order in which the search began them")


def _confirmed(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["phase"] == "confirm"]


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the means of the confirmed points, the best first."""
    means = intervals.means(_confirmed(table), by=["point"])
    return best_first(means, direction=table["direction"].iloc[0])


def _note(table: pd.DataFrame) -> str:
    search = (
        "Left: a dot is a trial of the search, black the baseline; the search chose by these values, so its best ones "
        "look better than they are."
    )
    cells = cell_table.complete(_confirmed(table))
    if cells.empty:
        return f"{search} Nothing was confirmed on fresh seeds yet."
    marks = "Right: dots are fresh seeds, diamonds their means, bars the means' 95 % Student's t intervals."
    best = point_label(changes(table)[str(_ranked(table)["point"].iloc[0])])
    return f"{search} {interval_sentence(cells, marks)} Best confirmed: {best}."


SCRIPT = FigureScript("trace", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
