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
from analysis.drawing.colours import distinct_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import mean_text, objective_label, point_label, short_number, without_brackets
from analysis.drawing.level_axis import is_wide, set_round_ticks, set_wide_scale
from analysis.drawing.panels import draw_dots, draw_means, keep_outer_labels, make_figure
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, pareto
from study.inference.changes import changes
from study.inference.ranking import best_first
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
MOST_NAMED = 14
"""The most points that have a number and a name: those on a front, and the best of the others."""
WIDEST_NAME = 34
"""Characters in a line of a point's name."""
NAME = 0.19
"""Inches of height that a line of a name takes."""
ROW = 2.7
"""Inches of height that a row of panels takes."""


def draw(table: pd.DataFrame, *, cost: str, ax: Axes) -> Axes:
    """Draws every cell over its cost, each point's mean with its interval, and a line through the Pareto front.

    The points that have a name have their number beside the mean.
    """
    points, palette = pareto.costs(table).dropna(subset=[cost]), point_colours(table)
    cells = cell_table.complete(table).dropna(subset=[cost])
    shades = [palette.get(point, style().grey) for point in cells["point"]]
    draw_dots(ax, cells[cost], cells[cell_table.objective(table)], c=shades)
    _draw_means(points, palette, cost=cost, ax=ax)
    front = points[_worth(points, table, cost=cost)].sort_values(cost)
    ax.plot(front[cost], front["mean"], color=style().grey, linewidth=1, zorder=1)
    if is_wide(cells[cost]):
        set_wide_scale(ax.set_xscale, cells[cost])
    _number_points(points, numbers(table), palette, cost=cost, ax=ax)
    set_round_ticks(ax.xaxis, most=4)
    ax.xaxis.set_major_formatter(EngFormatter(sep=" "))
    ax.set_xlabel(LABELS[cost])
    ax.set_ylabel(objective_label(table).replace(" (", "\n("))
    return ax


def answer(table: pd.DataFrame) -> str:
    """Returns in a sentence which points are worth their cost: from the cheapest to the best, by the first cost."""
    points = pareto.costs(table)
    differing = [cost for cost in _recorded(points) if points[cost].nunique() > 1]
    by_mean = Digits.of(points["mean"], halves=points["high"] - points["mean"])
    if not differing:
        best = best_first(points, direction=table["direction"].iloc[0]).to_dict("records")[0]
        return printable(f"All points cost the same; {_called(best)} is best, {mean_text(best, by_mean)}.")
    cost = differing[0]
    name, known = LABELS[cost].partition(" (")[0], points.dropna(subset=[cost])
    front = known[_worth(known, table, cost=cost)].sort_values(cost)
    ends = [
        f"{_called(row)} ({short_number(row[cost])} {name}; {by_mean.show(row['mean'])})"
        for row in front.iloc[[0, -1]].to_dict("records")
    ]
    if len(front) == 1:
        return printable(f"No other point is worth its {name}: {ends[0]} is the best and the cheapest.")
    return printable(f"By {name}, {len(front)} of {len(known):,} points are worth their cost, {' to '.join(ends)}.")


def point_colours(table: pd.DataFrame) -> dict[str, str]:
    """Returns a colour for the baseline and for each point on the Pareto front of any cost, in the table's order."""
    points = pareto.costs(table)
    worth = {point for cost in _recorded(points) for point in points.loc[_worth(points, table, cost=cost), "point"]}
    named = [str(point) for point in points["point"] if point in worth and point != BASELINE]
    return {BASELINE: style().ink} | dict(zip(named, distinct_colours(len(named)), strict=False))


def numbers(table: pd.DataFrame) -> dict[str, int]:
    """Returns the rank of each point that has a name, 1 for the best mean: those on a front, and the best others."""
    ranked = best_first(pareto.costs(table), direction=table["direction"].iloc[0])["point"]
    palette = point_colours(table)
    wanted = [*(point for point in ranked if point in palette), *(point for point in ranked if point not in palette)]
    chosen = set(wanted[:MOST_NAMED])
    return {str(point): rank for rank, point in enumerate(ranked, start=1) if point in chosen}


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each recorded cost, and beside or below them the names of the points."""
    table = source.table
    costs = _costs_to_draw(table)
    names = _names(table)
    figure, axes, beside = _make_axes(len(costs), lines=sum(len(name.splitlines()) for name in names.values()))
    for cost, ax in zip(costs, axes, strict=True):
        draw(table, cost=cost, ax=ax)
    keep_outer_labels(axes)
    _list_names(names, table, ax=beside)
    title = f"Which points are worth their cost in {without_brackets(objective_label(table))}?"
    return Composed.about(table, figure, title=title, answer=answer(table), marks=MARKS, note=_note(table))


def _called(row: Mapping[Any, Any]) -> str:
    return "the baseline" if row["point"] == BASELINE else str(row["point"])


def _worth(points: pd.DataFrame, table: pd.DataFrame, *, cost: str) -> "pd.Series[bool]":
    return pareto.worth(points, cost=cost, direction=table["direction"].iloc[0])


def _draw_means(points: pd.DataFrame, palette: Mapping[str, str], *, cost: str, ax: Axes) -> None:
    """Draws means and intervals, those of points on a front in their colours."""
    colours = points["point"].map(lambda point: palette.get(point, style().grey))
    for colour, rows in points.groupby(colours, sort=False):
        draw_means(ax, rows[cost], rows, colour=str(colour), markersize=4.5, capsize=3, linewidth=1.3)


def _number_points(
    points: pd.DataFrame, ranks: Mapping[str, int], palette: Mapping[str, str], *, cost: str, ax: Axes
) -> None:
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 0.85 * style().small, "va": "center"}
    for point, x, y in points[["point", cost, "mean"]].itertuples(index=False):
        if point in ranks:
            weight = "bold" if point in palette else "normal"
            colour = palette.get(point, style().small_print)
            ax.annotate(str(ranks[point]), (x, y), (6, 0), color=colour, weight=weight, **look)


def _costs_to_draw(table: pd.DataFrame) -> list[str]:
    """Returns the recorded costs, or raises FigureError if there is nothing to compare."""
    study, points = table["study"].iloc[0], pareto.costs(table)
    costs = _recorded(points)
    if points.empty or not costs:
        raise FigureError(f"{study}: no comparable cell has any of {', '.join(COSTS)}")
    if len(points) < 2:
        raise FigureError(
            f"{study}: only one point, {points['point'].iloc[0]}, has complete cells; a comparison needs two"
        )
    return costs


def _recorded(points: pd.DataFrame) -> list[str]:
    return [cost for cost in COSTS if cost in points]


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


def _names(table: pd.DataFrame) -> dict[str, str]:
    """Returns a name in lines for each point that has a number, the best first."""
    by_point = changes(table)
    labels = {point: f"{rank}  {point_label(by_point.get(point, {}))}" for point, rank in numbers(table).items()}
    return {
        point: textwrap.fill(label, WIDEST_NAME, subsequent_indent="    ", break_on_hyphens=False)
        for point, label in labels.items()
    }


def _list_names(names: Mapping[str, str], table: pd.DataFrame, *, ax: Axes) -> None:
    """Lists the names: first those of points on a front."""
    palette, total = point_colours(table), len(pareto.costs(table))
    marks = [_key_mark(palette.get(point, style().grey)) for point in names]
    labels = list(names.values())
    if more := total - len(names):
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
