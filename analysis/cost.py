"""What does each point cost, and which are worth it? The objective against parameters, FLOPs and seconds."""

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from analysis.drawing.caption import interval_sentence
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import mean_text, objective_label, point_label, short_number, without_brackets
from analysis.drawing.level_axis import is_wide, set_round_ticks, set_wide_scale
from analysis.drawing.panels import draw_dots, draw_means, keep_outer_labels, make_figure
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from analysis.priced_points import PricedPoints
from study.inference import cell_table
from study.inference.changes import changes
from study.inference.learned import did_not_learn
from study.space.objective import COSTS
from study.space.printable import printable
from study.space.trial import BASELINE
from study.terminal import Digits

LABELS = {
    "parameters": "parameters",
    "flops": "FLOPs (one example, forward)",
    "seconds": "seconds (one trial)",
}
MARKS = "Bars: the means' 95 % Student's t intervals over seeds; dots: cells; line: the Pareto front."
WIDEST_NAME = 34
"""Characters in a line of a point's name."""
NAME = 0.19
"""Inches of height that a line of a name takes."""
ROW = 2.7
"""Inches of height that a row of panels takes."""


def draw(priced: PricedPoints, *, cost: str, ax: Axes) -> Axes:
    """Draws every cell over its cost, each point's mean with its interval, and a line through the Pareto front.

    The points that have a name have their number beside the mean.
    """
    cells = cell_table.complete(priced.table).dropna(subset=[cost])
    shades = [priced.colour(point) for point in cells["point"]]
    failed = did_not_learn(priced.table)[cells.index]
    draw_dots(ax, cells[cost], cells[cell_table.objective(priced.table)], colour=shades, opened=failed)
    _draw_means(priced, cost=cost, ax=ax)
    front = priced.front(cost)
    ax.plot(front[cost], front["mean"], color=style().grey, linewidth=1, zorder=1)
    if is_wide(cells[cost]):
        set_wide_scale(ax.set_xscale, cells[cost])
    _number_points(priced, cost=cost, ax=ax)
    set_round_ticks(ax.xaxis, most=4)
    ax.xaxis.set_major_formatter(EngFormatter(sep=" "))
    ax.set_xlabel(LABELS[cost])
    ax.set_ylabel(objective_label(priced.table).replace(" (", "\n("))
    return ax


def answer(priced: PricedPoints) -> str:
    """Returns in a sentence which points are worth their cost: from the cheapest to the best, by the first cost."""
    points = priced.points
    differing = [cost for cost in priced.recorded if points[cost].nunique() > 1]
    by_mean = Digits.of(points["mean"], halves=points["high"] - points["mean"])
    if not differing:
        best = priced.ranked.to_dict("records")[0]
        return printable(f"All points cost the same; {_called(best)} is best, {mean_text(best, by_mean)}.")
    cost = differing[0]
    name, front = LABELS[cost].partition(" (")[0], priced.front(cost)
    ends = [
        f"{_called(row)} ({short_number(row[cost])} {name}; {by_mean.show(row['mean'])})"
        for row in front.iloc[[0, -1]].to_dict("records")
    ]
    if len(front) == 1:
        return printable(f"No other point is worth its {name}: {ends[0]} is the best and the cheapest.")
    known = len(priced.known(cost))
    return printable(f"By {name}, {len(front)} of {known:,} points are worth their cost, {' to '.join(ends)}.")


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each recorded cost, and beside or below them the names of the points."""
    table, priced = source.table, PricedPoints(source.table)
    costs = _costs_to_draw(priced)
    names = _names(priced)
    figure, axes, beside = _make_axes(len(costs), lines=sum(len(name.splitlines()) for name in names.values()))
    for cost, ax in zip(costs, axes, strict=True):
        draw(priced, cost=cost, ax=ax)
    keep_outer_labels(axes)
    _list_names(names, priced, ax=beside)
    title = f"Which points are worth their cost in {without_brackets(objective_label(table))}?"
    rings = bool(did_not_learn(table).any())
    return Composed.about(
        table, figure, title=title, answer=answer(priced), marks=MARKS, note=_note(table), rings=rings
    )


def _called(row: Mapping[Any, Any]) -> str:
    return "the baseline" if row["point"] == BASELINE else str(row["point"])


def _draw_means(priced: PricedPoints, *, cost: str, ax: Axes) -> None:
    """Draws means and intervals, those of points on a front in their colours."""
    known = priced.known(cost)
    for colour, rows in known.groupby(known["point"].map(priced.colour), sort=False):
        draw_means(ax, rows[cost], rows, colour=str(colour), markersize=4.5, capsize=3, linewidth=1.3)


def _number_points(priced: PricedPoints, *, cost: str, ax: Axes) -> None:
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 0.85 * style().small, "va": "center"}
    known = priced.known(cost)
    for point, x, y in known.loc[known["point"].isin(priced.numbers), ["point", cost, "mean"]].itertuples(index=False):
        weight = "bold" if point in priced.colours else "normal"
        colour = priced.colours.get(point, style().small_print)
        ax.annotate(str(priced.numbers[point]), (x, y), (6, 0), color=colour, weight=weight, **look)


def _costs_to_draw(priced: PricedPoints) -> list[str]:
    """Returns the recorded costs, or raises FigureError if there is nothing to compare."""
    study, points = priced.table["study"].iloc[0], priced.points
    if points.empty or not priced.recorded:
        raise FigureError(f"{study}: no comparable cell has any of {', '.join(COSTS)}")
    if len(points) < 2:
        raise FigureError(
            f"{study}: only one point, {points['point'].iloc[0]}, has complete cells; a comparison needs two"
        )
    return priced.recorded


def _make_axes(count: int, *, lines: int) -> tuple[Figure, list[Axes], Axes]:
    """Returns the figure, panels with a shared vertical axis, and the space for names, which have so many lines.

    Three panels leave the fourth place of a square to the names. Else these stand below.
    """
    square = count == 3
    heights = [ROW, max(ROW, NAME * lines)] if square else [ROW, NAME * lines]
    columns = min(count, 2)
    figure = make_figure(sum(heights))
    grid = figure.add_gridspec(2, columns, height_ratios=heights)
    axes: list[Axes] = []
    for turn in range(count):
        slot = grid[divmod(turn, columns)]
        axes.append(figure.add_subplot(slot, sharey=axes[0] if axes else None))
    return figure, axes, figure.add_subplot(grid[1, 1] if square else grid[1, :])


def _names(priced: PricedPoints) -> dict[str, str]:
    """Returns a name in lines for each point that has a number, the best first."""
    by_point = changes(priced.table)
    labels = {point: f"{rank}  {point_label(by_point.get(point, {}))}" for point, rank in priced.numbers.items()}
    return {
        point: textwrap.fill(label, WIDEST_NAME, subsequent_indent="    ", break_on_hyphens=False)
        for point, label in labels.items()
    }


def _list_names(names: Mapping[str, str], priced: PricedPoints, *, ax: Axes) -> None:
    """Lists the names: first those of points on a front."""
    marks = [_key_mark(priced.colour(point)) for point in names]
    labels = list(names.values())
    if more := len(priced.points) - len(names):
        marks, labels = [*marks, _key_mark(style().grey)], [*labels, f"and {more:,} more, in grey"]
    place: dict[str, Any] = {"loc": "upper left", "frameon": False, "borderaxespad": 0, "handletextpad": 0.2}
    ax.legend(marks, labels, title="1 is the best mean", alignment="left", **place)
    ax.set_axis_off()


def _key_mark(colour: str) -> Line2D:
    return Line2D([], [], color=colour, marker="D", markersize=5, linestyle="none")


def _note(table: pd.DataFrame) -> str:
    cells = cell_table.complete(cell_table.comparable(table))
    marks = "Dots are cells, diamonds means over seeds, bars the means' 95 % Student's t intervals."
    search = " A search's own cells are dots alone." if len(cells) < len(cell_table.complete(table)) else ""
    front = (
        "Grey line: the Pareto front, the points that no other point matches at a lower cost. "
        "Grey points are on no front."
    )
    load = "Seconds depend on the machine and on what else it did."
    return f"{interval_sentence(cells, marks)}{search} {front} {load}"


SCRIPT = FigureScript("cost", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
