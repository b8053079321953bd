"""What every figure shares: its look, its panels, its dots and means, its caption."""

import textwrap
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import ScaledTranslation, Transform

from analysis.words import metric_words
from study.errors import StudyError
from study.inference import cell_table as tidy
from study.inference import mixture, nuisance
from study.inference.columns import FIDELITY, metric_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

WIDTH = 9.4
"""Inches; at 150 dots an inch a figure is as wide as a README shows it."""
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
MEAN: Mapping[str, Any] = {"fmt": "D", "markersize": 5.5, "capsize": 4, "linewidth": 1.8}
"""How a mean and its interval look."""


class FigureError(StudyError):
    """A figure that cannot be drawn from what was given."""


def panels(count: int, *, height: float = 5.2, sharey: bool = True, wide: bool = False) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels, three in a row, `height` inches for each row; where `wide`, the last fills a row."""
    columns = min(count - wide, 3) or 1
    rows = -(-(count - wide) // columns) + wide
    figure = Figure(figsize=(WIDTH, height * rows + 0.9), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.09))
    grid = figure.add_gridspec(rows, columns)
    places = [grid[turn // columns, turn % columns] for turn in range(count - wide)] + [grid[-1, :]] * wide
    axes: list[Axes] = []
    for place in places:
        axes.append(figure.add_subplot(place, sharey=axes[0] if sharey and axes else None))
    return figure, axes


def keep_outer_labels(axes: list[Axes]) -> None:
    """Panels that share their vertical axis name it once a row."""
    for ax in axes:
        place = ax.get_subplotspec()
        if place is not None and not place.is_first_col():
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)


def name_below(ax: Axes, *, columns: int = 2) -> None:
    """Explain the marks below the panel, where they hide nothing."""
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.13), ncols=columns, frameon=False)


def place_dots(ax: Axes, across: "ArrayLike", up: "ArrayLike", *, aside: tuple[float, float], **look: Any) -> None:
    """Draw a dot a seed, so many points (1/72 inch) aside of its place: neither dots nor mean hide the other."""
    across, up = np.broadcast_arrays(np.asarray(across, float), np.asarray(up, float))
    ax.scatter(across, up, s=22, alpha=0.6, linewidths=0, transform=moved(ax, aside), **look)
    make_room(ax, across, up)


def moved(ax: Axes, aside: tuple[float, float]) -> Transform:
    """The data's place on the paper, so many points (1/72 inch) aside."""
    return ax.transData + ScaledTranslation(aside[0] / 72, aside[1] / 72, ax.figure.dpi_scale_trans)


def make_room(ax: Axes, across: "ArrayLike", up: "ArrayLike") -> None:
    """Let the axes reach these places: Matplotlib does not see to what is drawn aside of its place."""
    ax.update_datalim(np.column_stack(np.broadcast_arrays(np.asarray(across, float), np.asarray(up, float))))
    ax.autoscale_view()


def entitle(figure: Figure, *, title: str, caption: str) -> None:
    """Put the question above the figure and, below it, what it was made of."""
    figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold")
    figure.supxlabel(textwrap.fill(caption, 148), x=0.012, ha="left", fontsize=8.5, color="#555555")


def caption(cells: pd.DataFrame, *, note: str) -> str:
    """What was averaged and what was not: `cells` are those that the figure is about, complete or not."""
    used = tidy.complete(cells)
    parts = [
        f"{cells['study'].iloc[0]}: {len(used)} complete cells ({points_words(used)}), {budget(used)}.",
        note,
        _missed(tidy.left_out(cells)),
        nuisance.sentence(cells, budget=False),
        mixture.sentence(cells),
        tidy.revised(cells),
        tidy.opened(cells),
    ]
    return " ".join(part for part in parts if part)


def interval_words(cells: pd.DataFrame, sentence: str) -> str:
    """The sentence on how these cells' intervals were computed, and what becomes of a point with a single seed."""
    seeds = cells.groupby("point").size()
    if (seeds == 1).all():
        return "One seed a point, so no interval can be computed."
    return sentence + (" A point with one seed has no interval." if (seeds == 1).any() else "")


def points_words(cells: pd.DataFrame) -> str:
    """How many points these cells belong to, and how many seeds each has."""
    seeds = cells.groupby("point").size()
    low, high = int(seeds.min()), int(seeds.max())
    each = f"{low}" if low == high else f"{low} to {high}"
    return f"{len(seeds)} point{'s'[: len(seeds) > 1]}, {each} seed{'s'[: high > 1]} each"


def objective_words(table: pd.DataFrame) -> str:
    """The objective as a reader calls it."""
    return metric_words(metric_name(tidy.objective(table)), table.columns)


def straighten(figure: Figure) -> None:
    """Turn the tick labels of each horizontal axis on which two of them would touch."""
    figure.draw_without_rendering()
    for ax in figure.axes:
        boxes = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
        if any(left.x1 + 3 > right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: box.x0))):
            ax.tick_params(axis="x", labelrotation=40)


def budget(cells: pd.DataFrame) -> str:
    """What a trial of these cells cost, in words."""
    epochs, train, validation = (_range(cells[column]) for column in FIDELITY)
    plural = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {plural} on {train} training examples, measured on {validation} validation examples"


def _range(values: "pd.Series[float]") -> str:
    if not np.isfinite(values).all():
        return "an unknown number of"
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _missed(counts: Mapping[str, int]) -> str:
    if not counts:
        return "No cell was left out."
    bias = " A level that makes trials fail looks better than it is." if counts.keys() & tidy.BIASING else ""
    return f"Left out: {tidy.counted(counts)}.{bias}"
