"""The panels of a figure: their arrangement and style, and the dots, means, legends and titles in them."""

import textwrap
from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation, Transform

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

WIDTH = 9.4
"""Inches. At 150 dots an inch a figure is as wide as a README shows it."""
DPI = 150
STYLE = {
    **sns.axes_style("ticks"),
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "axes.edgecolor": "#666666",
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
DASHED = (0, (4, 4))
MEAN_STYLE: Mapping[str, Any] = {"fmt": "D", "markersize": 5.5, "capsize": 4, "linewidth": 1.8}
"""How a mean and its interval look."""


class Shift(NamedTuple):
    """How far a mark is drawn from its position in the data, in points (1/72 inch)."""

    right: float = 0
    up: float = 0


NO_SHIFT = Shift()
LEFT_OF_MEAN = Shift(right=-7)
"""Seeds stand left of their mean, so that neither hides the other."""


def make_panels(
    count: int, *, height: float = 5.2, sharey: bool = True, last_fills_row: bool = False
) -> tuple[Figure, list[Axes]]:
    """Returns a figure and its `count` panels, three in a row. Each row is `height` inches high."""
    in_grid = count - last_fills_row
    columns = min(in_grid, 3) or 1
    rows = -(-in_grid // columns) + last_fills_row
    figure = Figure(figsize=(WIDTH, height * rows + 0.9), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.09))
    axes: list[Axes] = []
    for slot in _slots(figure.add_gridspec(rows, columns), in_grid, last_fills_row=last_fills_row):
        axes.append(figure.add_subplot(slot, sharey=axes[0] if sharey and axes else None))
    return figure, axes


def _slots(grid: GridSpec, count: int, *, last_fills_row: bool) -> list[SubplotSpec]:
    slots = [grid[turn // grid.ncols, turn % grid.ncols] for turn in range(count)]
    return [*slots, grid[-1, :]] if last_fills_row else slots


def keep_outer_labels(axes: list[Axes]) -> None:
    """Labels the shared vertical axis once a row, at the first panel."""
    for ax in axes:
        slot = ax.get_subplotspec()
        if slot is not None and not slot.is_first_col():
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)


def legend_below(ax: Axes, *, columns: int = 2) -> None:
    """Puts the legend below the panel, where it hides nothing."""
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.13), ncols=columns, frameon=False)


def draw_dots(ax: Axes, x: "ArrayLike", y: "ArrayLike", *, shift: Shift = NO_SHIFT, **look: Any) -> None:
    """Draws a dot for each cell, moved by `shift` so that neither dots nor mean hide each other."""
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    ax.scatter(x, y, s=22, alpha=0.6, linewidths=0, transform=shifted(ax, shift), **look)
    extend_limits(ax, x, y)


def draw_mean(ax: Axes, x: float, row: Mapping[Hashable, Any], *, colour: str) -> None:
    """Draws a mean and its interval over `x`. `row` has the keys mean, low and high."""
    bar = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
    ax.errorbar(x, row["mean"], yerr=bar, color=colour, **MEAN_STYLE)


def shifted(ax: Axes, shift: Shift) -> Transform:
    """Returns the transform that draws data moved by `shift`."""
    return ax.transData + ScaledTranslation(shift.right / 72, shift.up / 72, ax.figure.dpi_scale_trans)


def extend_limits(ax: Axes, x: "ArrayLike", y: "ArrayLike") -> None:
    """Makes the axes reach these positions, because Matplotlib ignores marks that have a transform of their own."""
    ax.update_datalim(np.column_stack(np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))))
    ax.autoscale_view()


def set_title_and_caption(figure: Figure, *, title: str, caption: str) -> None:
    """Puts the question above the figure and the caption below it."""
    figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold")
    figure.supxlabel(
        textwrap.fill(caption, 148, break_on_hyphens=False), x=0.012, ha="left", fontsize=8.5, color="#555555"
    )


def show_dollars(figure: Figure) -> None:
    """Shows every `$` in a name as it is. Matplotlib would read the text between two of them as a formula."""
    for ax in figure.axes:
        ax.get_xticklabels(), ax.get_yticklabels()  # The texts of ticks are set when somebody asks for them.
    for text in figure.findobj(Text):
        if "$" in text.get_text() and "\\mathdefault" not in text.get_text():
            text.set_parse_math(False)


def turn_crowded_labels(figure: Figure) -> None:
    """Turns the tick labels of each horizontal axis on which two labels would touch."""
    figure.draw_without_rendering()
    for ax in figure.axes:
        boxes = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
        if any(left.x1 + 3 > right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: box.x0))):
            ax.tick_params(axis="x", labelrotation=40)
