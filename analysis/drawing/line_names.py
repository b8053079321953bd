"""Names at the ends of lines, moved apart where they would touch."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from analysis.drawing.style import style

SPACING = 1.15
"""Height that a name takes, through the size of its letters."""


class LineName(NamedTuple):
    """The name of a line, and where the line ends."""

    text: str
    y: float
    colour: str


def name_lines(names: Sequence[LineName], *, x: float, right: float, ax: Axes) -> None:
    """Writes each name beside the end of its line at `x`, so many points to the right. Call it with the limits set."""
    look: dict[str, Any] = {"annotation_clip": False, "textcoords": "offset points", "va": "center"}
    size = 0.95 * style().small
    for name, up in zip(names, _shifts([name.y for name in names], size=size, ax=ax), strict=True):
        ax.annotate(name.text, (x, name.y), (right, up), color=name.colour, fontsize=size, **look)


def _shifts(ends: Sequence[float], *, size: float, ax: Axes) -> list[float]:
    """Returns by how many points each name moves up, so that none touches another."""
    low, high = ax.get_ylim()
    height = 72 * ax.bbox.height / ax.figure.dpi
    wanted = [(end - low) / (high - low) * height for end in ends]
    return [place - end for place, end in zip(apart(wanted, gap=SPACING * size), wanted, strict=True)]


def apart(places: Sequence[float], *, gap: float) -> list[float]:
    """Returns the places, moved as little as possible until neighbours lie at least `gap` apart. The order stays."""
    order = np.argsort(np.asarray(places), kind="stable")
    # With the gaps taken out, the nearest ascending numbers are wanted: means of neighbours that are out of order.
    blocks: list[list[float]] = []
    for turn, index in enumerate(order):
        blocks.append([places[index] - gap * turn])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    level = [float(np.mean(block)) for block in blocks for _ in block]
    moved = np.empty(len(places))
    moved[order] = [place + gap * turn for turn, place in enumerate(level)]
    return [float(place) for place in moved]
