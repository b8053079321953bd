"""The panels of a figure: their arrangement, and the dots, means and legends in them."""

import io
from collections.abc import Hashable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import ScaledTranslation, Transform

from analysis.drawing.style import style

if TYPE_CHECKING:
    from matplotlib.typing import ColorType
    from numpy.typing import ArrayLike

DASHED = (0, (4, 4))
MEAN_STYLE: Mapping[str, Any] = {"fmt": "D", "markersize": 5.5, "capsize": 4, "linewidth": 1.8}
"""How a mean and its interval look."""


MOST_SHAPES = 1_000
"""More marks than this become pixels in a file of shapes. Else the file has megabytes, and a browser takes seconds."""


class Shift(NamedTuple):
    """How far a mark is drawn from its position in the data, in points (1/72 inch)."""

    right: float = 0
    up: float = 0


NO_SHIFT = Shift()
LEFT_OF_MEAN = Shift(right=-7)
"""Seeds stand left of their mean, so that neither hides the other."""


class NotebookFigure(Figure):
    """A figure that a notebook shows, also if nothing has set up Matplotlib there."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()


def make_figure(height: float) -> Figure:
    """Returns an empty figure as wide as the style says. `height` is in inches at the size of letters on paper."""
    look = style()
    engine = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.07)
    return NotebookFigure(figsize=(look.width, height * look.text / 10), layout=engine)


def make_panels(
    count: int, *, height: float = 3.6, sharey: bool = True, last_fills_row: bool = False, most_columns: int = 2
) -> tuple[Figure, list[Axes]]:
    """Returns a figure and its `count` panels in rows of `most_columns`. Each row is `height` inches high."""
    in_grid = count - last_fills_row
    columns = min(in_grid, most_columns) or 1
    rows = -(-in_grid // columns) + last_fills_row
    figure = make_figure(height * rows)
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


def legend_below(ax: Axes, *, columns: int = 2, **entries: Any) -> None:
    """Puts the legend below the panel, where it hides nothing. `entries` are the handles and labels, if not all."""
    below = ax.transAxes + ScaledTranslation(0, -4 * style().text / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": below}
    ax.legend(ncols=columns, frameon=False, borderaxespad=0, **place, **entries)


def are_many(marks: Sized) -> bool:
    """Whether so many marks shall be pixels in a file of shapes (svg, pdf)."""
    return len(marks) > MOST_SHAPES


def draw_dots(
    ax: Axes,
    x: "ArrayLike",
    y: "ArrayLike",
    *,
    colour: "ColorType | Sequence[ColorType]",
    opened: "pd.Series[bool] | None" = None,
    shift: Shift = NO_SHIFT,
) -> None:
    """Draws a dot for each cell, moved by `shift` so that neither dots nor mean hide each other.

    `opened` says which dots are rings: seeds that did not learn.
    """
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    edges = to_rgba_array(colour, alpha=0.6)
    look: dict[str, Any] = {"s": 22, "linewidths": 0, "facecolors": edges}
    if opened is not None and opened.any():
        edges = np.broadcast_to(edges, (x.size, 4))
        faces = np.where(opened.to_numpy()[:, None], 0, edges)
        look |= {"facecolors": faces, "edgecolors": edges, "linewidths": np.where(opened, 1.1, 0)}
    ax.scatter(x, y, transform=shifted(ax, shift), rasterized=are_many(x), **look)
    extend_limits(ax, x, y)


def draw_mean(ax: Axes, x: float, row: Mapping[Hashable, Any], *, colour: str) -> None:
    """Draws a mean and its interval over `x`. `row` has the keys mean, low and high."""
    bar = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
    ax.errorbar(x, row["mean"], yerr=bar, color=colour, **MEAN_STYLE)


def draw_means(ax: Axes, x: "pd.Series[float]", rows: pd.DataFrame, *, colour: str, **look: Any) -> None:
    """Draws the means of these rows over `x`, each with its interval, all at once: a figure may have thousands."""
    bars = [rows["mean"] - rows["low"], rows["high"] - rows["mean"]]
    many = {"rasterized": are_many(rows)}
    ax.errorbar(x, rows["mean"], yerr=bars, color=colour, **{**MEAN_STYLE, **look, **many})


def shifted(ax: Axes, shift: Shift) -> Transform:
    """Returns the transform that draws data moved by `shift`."""
    return ax.transData + ScaledTranslation(shift.right / 72, shift.up / 72, ax.figure.dpi_scale_trans)


def extend_limits(ax: Axes, x: "ArrayLike", y: "ArrayLike") -> None:
    """Makes the axes reach these positions, because Matplotlib ignores marks that have a transform of their own."""
    ax.update_datalim(np.column_stack(np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))))
    ax.autoscale_view()
