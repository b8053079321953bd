"""How does the objective depend on the number of convolutions (`conv_depth`)?"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from analysis import article, factors
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import objective_label, short_number, without_brackets
from analysis.drawing.level_axis import level_positions
from analysis.drawing.panels import make_figure
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table
from study.inference.columns import level_column, metric_column
from study.inference.learned import did_not_learn
from study.tasks.qr_digits.version_1 import SIZE

FACTOR = "conv_depth"
TRUNKS = {"conv": "convolutions", "dense": "dense layers"}
"""What the layers are called that `conv_depth` counts."""
COSTS = {"parameters": "parameters", "flops": "FLOPs"}
"""Columns of the panel below, of which the first that differs between depths is drawn, and their labels."""
NEAR = 1.0
"""A value that lies further from the data than this many times their own span gets an axis of its own above them."""


class Reference(NamedTuple):
    """Something that this study did not measure."""

    label: str
    depths: Sequence[float]
    """Empty if it holds at every depth."""
    values: Sequence[float]


class Panels(NamedTuple):
    """The panels of the figure, from above."""

    far: Axes | None
    main: Axes
    costs: Axes | None


def draw(table: pd.DataFrame, *, ax: Axes, log: bool | None = None) -> Axes:
    """Draws every cell over the number of layers, and each number's mean with its interval."""
    factors.draw(table, factor=FACTOR, ax=ax, log=log)
    ax.set_xlabel(layers(table))
    return ax


def layers(table: pd.DataFrame) -> str:
    """Returns what the counted layers are: convolutions, dense layers, or both if the study has both."""
    cells = cell_table.complete(factors.shown(table, factor=FACTOR))
    if level_column("trunk") in table:
        trunks = set(map(str, cells[level_column("trunk")].dropna()))
    else:
        trunks = {article.baseline_levels(table)["trunk"]} if article.is_its_task(table) else {"conv"}
    return " or ".join(name for trunk, name in TRUNKS.items() if trunk in trunks)


def references(table: pd.DataFrame) -> list[Reference]:
    """Returns the article's values of its convolutions, and the share that a rule-based reader reads."""
    if not article.is_its_task(table):
        return []
    found = []
    if cell_table.objective(table) == metric_column(article.METRIC) and layers(table) == TRUNKS["conv"]:
        depths, values = list(map(float, article.DEPTHS)), list(article.DEPTHS.values())
        found.append(Reference(f"the article: {article.FIDELITY}", depths, values))
    if (ceiling := article.ceiling(table)) is not None:
        found.append(Reference(f"a rule-based reader: {ceiling:.3f}", [], [ceiling]))
    return found


def are_far(table: pd.DataFrame) -> bool:
    """Whether the references lie so far from the data that on one axis the data would shrink to a line."""
    values = cell_table.complete(factors.shown(table, factor=FACTOR))[cell_table.objective(table)].astype(float)
    room = NEAR * (values.max() - values.min())
    others = [value for reference in references(table) for value in reference.values]
    return any(not values.min() - room <= value <= values.max() + room for value in others)


def draw_references(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws what was not measured in this study."""
    look: dict[str, Any] = {"color": style().red, "zorder": 2}
    for label, depths, values in references(table):
        if depths:
            ax.plot(depths, values, "*", markersize=10, markerfacecolor="none", label=label, **look)
        else:
            ax.axhline(values[0], linewidth=1, label=label, **look)
    return ax


def name_references(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Writes what the references are beside them, where an axis of their own leaves the room."""
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": 0.9 * style().small, "color": style().red}
    for label, depths, values in references(table):
        if depths:
            ax.annotate(label, (depths[0], values[0]), (8, 0), va="center", **look)
        else:
            ax.annotate(label, (0, values[0]), (4, -3), xycoords=ax.get_yaxis_transform(), va="top", **look)
    return ax


def costs(table: pd.DataFrame) -> tuple[str, "pd.Series[float]"] | None:
    """Returns the column of the cost that the depth changes, and its mean at each number of layers, or None."""
    cells = cell_table.complete(factors.shown(table, factor=FACTOR)).dropna(subset=[level_column(FACTOR)])
    if not cell_table.isolated(table, FACTOR):
        return None
    for column in COSTS:
        means = cells.groupby(level_column(FACTOR))[column].mean() if column in cells else pd.Series(dtype=float)
        if means.notna().all() and means.nunique() > 1:
            return column, means
    return None


def draw_costs(column: str, means: "pd.Series[float]", *, ax: Axes) -> Axes:
    """Draws a bar for the cost at each number of layers, and writes the cost above it."""
    positions = level_positions(pd.Series(means.index))
    places = [positions[level] for level in means.index]
    steps = sorted(positions.values())
    width = 0.5 * min((high - low for low, high in pairwise(steps)), default=1.0)
    bars = ax.bar(places, means, width, color=style().grey, alpha=0.45, linewidth=0)
    labels = [short_number(mean) for mean in means]
    ax.bar_label(bars, labels, padding=1.5, fontsize=0.85 * style().small, color=style().ink)
    ax.margins(y=0.35)
    ax.set_ylim(bottom=0)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.set_ylabel(COSTS[column], rotation=0, ha="right", va="center")
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure: the data, above them what lies far away, below them the costs. The depth must vary."""
    table = source.table
    if FACTOR not in factors.drawable(table):
        way = "`study plot factors NAME` draws the others"
        raise FigureError(f"{table['study'].iloc[0]}: {FACTOR} has no two levels with complete cells; {way}")
    far, cost = are_far(table), costs(table)
    figure = make_figure(3.2 + 0.8 * far + 0.8 * (cost is not None))
    panels = _panels(figure, far=far, costs=cost is not None)
    draw(table, ax=panels.main, log=source.is_logarithmic(FACTOR))
    draw_references(table, ax=panels.far or panels.main)
    if panels.costs is not None and cost is not None:
        draw_costs(*cost, ax=panels.costs)
    _join(panels, table)
    return Composed.about(
        factors.shown(table, factor=FACTOR),
        figure,
        title=f"How does {without_brackets(objective_label(table))} depend on the number of {layers(table)}?",
        answer=factors.answer(table, factor=FACTOR),
        marks=factors.marks(table, factors=[FACTOR]),
        note=factors.note(table, factors=[FACTOR]),
        rings=bool(did_not_learn(table).any()),
    )


def _panels(figure: Figure, *, far: bool, costs: bool) -> Panels:
    heights = [0.36] * far + [1.0] + [0.25] * costs
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    main = figure.add_subplot(grid[int(far), 0])
    above = figure.add_subplot(grid[0, 0], sharex=main) if far else None
    return Panels(above, main, figure.add_subplot(grid[-1, 0], sharex=main) if costs else None)


def _join(panels: Panels, table: pd.DataFrame) -> None:
    """Labels the shared axis of depths at the lowest panel, the receptive field at the highest, and marks the break."""
    column = [ax for ax in panels if ax is not None]
    for ax in column[:-1]:
        ax.tick_params(axis="x", labelbottom=False, length=0)
    column[-1].set_xlabel(panels.main.get_xlabel())
    if panels.costs is not None:
        panels.main.set_xlabel("")
    if panels.far is not None:
        _break(panels.far, panels.main)
        name_references(table, ax=panels.far)
    _add_receptive_field(column[0], lines=column[:2] if panels.far else column[:1], step=_field_step(table))
    if panels.far is None and panels.main.get_legend_handles_labels()[1]:
        panels.main.legend(loc="lower right", framealpha=0.9, edgecolor="none")


def _break(far: Axes, main: Axes) -> None:
    """Shows that the axis is broken between these two panels: slanted strokes, no line."""
    far.margins(y=0.35)
    far.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    far.spines["bottom"].set_visible(False)
    strokes: dict[str, Any] = {"marker": [(-1, -0.6), (1, 0.6)], "markersize": 8, "linestyle": "none", "clip_on": False}
    for ax, y in ((far, 0), (main, 1)):
        ax.plot([0], [y], transform=ax.transAxes, color=style().ink, markeredgecolor=style().ink, **strokes)


def _field_step(table: pd.DataFrame) -> int:
    """Returns by how many modules each convolution widens the receptive field; 0 if they do not all do the same."""
    if not article.is_its_task(table) or layers(table) != TRUNKS["conv"]:
        return 0
    levels = article.baseline_levels(table)
    return int(levels["kernel_size"]) - 1 if levels["downsampling"] == "none" else 0


def _add_receptive_field(ax: Axes, *, lines: Sequence[Axes], step: int) -> None:
    """Adds an axis above: how much of the code the last convolution sees. A line marks the whole code."""
    if not step:
        return
    depths = [float(depth) for depth in ax.xaxis.get_majorticklocs()]

    # Matplotlib calls both functions with arrays as well as with numbers.
    def to_field(depth: Any) -> Any:
        return 1 + step * depth

    def to_depth(field: Any) -> Any:
        return (field - 1) / step

    for panel in lines:
        panel.axvline(to_depth(SIZE), color=style().grey, linewidth=1, linestyle=":", zorder=1)
    above = ax.secondary_xaxis("top", functions=(to_field, to_depth))
    above.xaxis.set_major_locator(FixedLocator(sorted({*map(to_field, depths), float(SIZE)})))
    above.set_xlabel(f"receptive field in modules (dotted: {SIZE}, the whole code)")


SCRIPT = FigureScript("depth", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
