"""What does each point cost, and which are worth it? The objective against parameters, FLOPs and seconds."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from analysis.drawing.caption import interval_sentence
from analysis.drawing.colours import distinct_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import objective_label, point_label, without_brackets
from analysis.drawing.level_axis import is_wide, set_wide_scale
from analysis.drawing.panels import (
    LEFT_OF_MEAN,
    NO_SHIFT,
    draw_dots,
    draw_mean,
    keep_outer_labels,
    make_figure,
)
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, pareto
from study.inference.changes import changes
from study.space.objective import COSTS
from study.space.trial import BASELINE

LABELS = {
    "parameters": "parameters",
    "flops": "FLOPs (one example, forward)",
    "seconds": "seconds (one trial)",
}
MARKS = "Bars: the means' 95 % Student's t intervals over seeds; dots: cells; line: the Pareto front."


def draw(table: pd.DataFrame, *, cost: str, ax: Axes) -> Axes:
    """Draws every cell over its cost, each point's mean with its interval, and a line through the Pareto front."""
    points, palette = pareto.costs(table), point_colours(table)
    cells = cell_table.complete(table).dropna(subset=[cost])
    shades = [palette.get(point, style().grey) for point in cells["point"]]
    # The seeds of a point differ in seconds alone. Over any other cost they would hide behind their bar.
    shift = NO_SHIFT if cost == "seconds" else LEFT_OF_MEAN
    draw_dots(ax, cells[cost], cells[cell_table.objective(table)], shift=shift, c=shades)
    for row in points.dropna(subset=[cost]).to_dict("records"):
        draw_mean(ax, row[cost], row, colour=palette.get(row["point"], style().grey))
    front = points[pareto.worth(points, cost=cost, direction=table["direction"].iloc[0])].sort_values(cost)
    ax.plot(front[cost], front["mean"], color=style().grey, linewidth=1, zorder=1)
    if is_wide(cells[cost]):
        set_wide_scale(ax.set_xscale, cells[cost])
    ax.xaxis.set_major_formatter(EngFormatter(sep=" "))
    ax.set_xlabel(LABELS[cost])
    ax.set_ylabel(objective_label(table))
    return ax


def point_colours(table: pd.DataFrame) -> dict[str, str]:
    """Returns a colour for the baseline and for each point on the Pareto front of any cost, in the table's order."""
    points = pareto.costs(table)
    on_front = np.zeros(len(points), bool)
    for cost in _recorded(points):
        on_front |= pareto.worth(points, cost=cost, direction=table["direction"].iloc[0]).to_numpy()
    named = [str(point) for point in points.loc[on_front, "point"] if point != BASELINE]
    return {BASELINE: style().ink} | dict(zip(named, distinct_colours(len(named)), strict=False))


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each recorded cost, and below them the names of the points on a front."""
    table = source.table
    costs = _costs_to_draw(table)
    palette = point_colours(table)
    figure, axes, below = _make_axes(len(costs), names=len(palette))
    for cost, ax in zip(costs, axes, strict=True):
        draw(table, cost=cost, ax=ax)
    keep_outer_labels(axes)
    _name_points(palette, table, ax=below)
    title = f"Which points are worth their cost in {without_brackets(objective_label(table))}?"
    return Composed.about(table, figure, title=title, marks=MARKS, note=_note(table))


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


def _make_axes(count: int, *, names: int) -> tuple[Figure, list[Axes], Axes]:
    """Returns the figure, a row of panels with a shared vertical axis, and the space below for so many names."""
    heights = [3.6, 0.2 * names]
    figure = make_figure(sum(heights))
    grid = figure.add_gridspec(2, count, height_ratios=heights)
    first = figure.add_subplot(grid[0, 0])
    others = [figure.add_subplot(grid[0, turn], sharey=first) for turn in range(1, count)]
    return figure, [first, *others], figure.add_subplot(grid[1, :])


def _name_points(palette: dict[str, str], table: pd.DataFrame, *, ax: Axes) -> None:
    marks = [Line2D([], [], color=colour, marker="D", linestyle="none") for colour in palette.values()]
    by_point = changes(table)
    labels = [point_label(by_point.get(point, {})) for point in palette]
    ax.legend(marks, labels, loc="upper left", frameon=False, borderaxespad=0)
    ax.set_axis_off()


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
