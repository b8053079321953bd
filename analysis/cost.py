"""What does each point cost, and which are worth it? The objective against parameters, FLOPs and seconds."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from analysis.figure import (
    MEAN,
    WIDTH,
    FigureError,
    caption,
    entitle,
    interval_words,
    keep_outer_labels,
    objective_words,
    place_dots,
)
from analysis.script import Script, Source
from analysis.words import GREY, INK, WIDEST_LINEAR, point_words, short
from study.inference import cell_table as tidy
from study.inference import pareto as tradeoff
from study.inference.cell_table import BASELINE
from study.space.objective import COSTS

LEFT = -7
"""Points (1/72 inch) that the seeds stand left of their mean."""
WORDS = {
    "parameters": "parameters",
    "flops": "FLOPs (one example, forward)",
    "seconds": "seconds (one trial)",
}


def draw(table: pd.DataFrame, *, cost: str, ax: Axes) -> Axes:
    """Every cell over what it cost; each point's mean with its interval, and a line through those worth their cost."""
    points, palette = tradeoff.costs(table), colours(table)
    cells = tidy.complete(table).dropna(subset=[cost])
    shades = [palette.get(point, GREY) for point in cells["point"]]
    # The seeds of a point differ in seconds alone; else they would hide behind their bar.
    aside = (0 if cost == "seconds" else LEFT, 0)
    place_dots(ax, cells[cost], cells[tidy.objective(table)], aside=aside, c=shades)
    for row in points.dropna(subset=[cost]).to_dict("records"):
        bar = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
        ax.errorbar(row[cost], row["mean"], yerr=bar, color=palette.get(row["point"], GREY), **MEAN)
    worth = points[tradeoff.worth(points, cost=cost, direction=table["direction"].iloc[0])].sort_values(cost)
    ax.plot(worth[cost], worth["mean"], color=GREY, linewidth=1, zorder=1)
    if cells[cost].min() > 0 and cells[cost].max() > WIDEST_LINEAR * cells[cost].min():
        ax.set_xscale("log")
    ax.xaxis.set_major_formatter(EngFormatter(sep=" "))
    ax.set_xlabel(WORDS[cost])
    ax.set_ylabel(objective_words(table))
    return ax


def colours(table: pd.DataFrame) -> dict[str, str]:
    """A colour for each point that is worth its cost by any measure, in the table's order; the baseline is in ink."""
    points = tradeoff.costs(table)
    worth = np.zeros(len(points), bool)
    for cost in _known(points):
        worth |= tradeoff.worth(points, cost=cost, direction=table["direction"].iloc[0]).to_numpy()
    named = [str(point) for point in points.loc[worth, "point"] if point != BASELINE]
    palette = sns.color_palette("colorblind") if len(named) <= 10 else sns.husl_palette(len(named))
    return {BASELINE: INK} | dict(zip(named, palette.as_hex(), strict=False))


def compose(source: Source) -> tuple[Figure, str]:
    """A panel for each cost that the records have, and below them the names of the points worth it."""
    table = source.table
    study, points = str(table["study"].iloc[0]), tradeoff.costs(table)
    if points.empty or not _known(points):
        raise FigureError(f"{study}: no comparable cell has any of {', '.join(COSTS)}")
    if len(points) < 2:
        raise FigureError(f"{study}: has one point with complete cells, and nothing to weigh it against")
    figure, axes, below = _places(len(_known(points)), names=len(colours(table)))
    for cost, ax in zip(_known(points), axes, strict=True):
        draw(table, cost=cost, ax=ax)
    keep_outer_labels(axes)
    _name(colours(table), ax=below)
    title = f"Which points are worth their cost in {short(objective_words(table))}?"
    entitle(figure, title=title, caption=caption(table, note=_note(table)))
    return figure, study


def _known(points: pd.DataFrame) -> list[str]:
    return [cost for cost in COSTS if cost in points]


def _places(count: int, *, names: int) -> tuple[Figure, list[Axes], Axes]:
    """A row of panels that share their vertical axis, and below it room for so many names."""
    heights = [4.6, 0.2 * names]
    figure = Figure(figsize=(WIDTH, sum(heights) + 1), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.05))
    grid = figure.add_gridspec(2, count, height_ratios=heights)
    first = figure.add_subplot(grid[0, 0])
    others = [figure.add_subplot(grid[0, turn], sharey=first) for turn in range(1, count)]
    return figure, [first, *others], figure.add_subplot(grid[1, :])


def _name(palette: dict[str, str], *, ax: Axes) -> None:
    marks = [Line2D([], [], color=colour, marker="D", linestyle="none") for colour in palette.values()]
    ax.legend(marks, map(point_words, palette), loc="upper left", frameon=False, borderaxespad=0)
    ax.set_axis_off()


def _note(table: pd.DataFrame) -> str:
    cells = tidy.complete(tidy.comparable(table))
    bars = "Dots are cells, diamonds means over seeds, bars the means' 95 % Student's t intervals."
    aside = " A search's own cells are dots alone." if len(cells) < len(tidy.complete(table)) else ""
    line = "Grey line: the Pareto front, the points of which no other is as good for less; grey points lie on none."
    return f"{interval_words(cells, bars)}{aside} {line} Seconds depend on the machine and what else it did."


SCRIPT = Script("cost", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
