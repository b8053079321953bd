"""An axis of levels: where each level stands, its tick, and when the scale is logarithmic."""

import textwrap
from collections.abc import Callable, Collection, Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from analysis.drawing.labels import level_label, level_text

WIDEST_LINEAR = 30
"""Numbers whose largest is more than this many times their smallest stand on a logarithmic axis."""
MOST_TICKS = 16
"""More numbers than this get Matplotlib's own ticks instead of one tick each."""
LARGEST = 1e100
"""An axis overflows beyond this number."""


def as_numbers(levels: Iterable[object]) -> list[float] | None:
    """Returns the levels as numbers, or None if they are names. `true` and `false` are names."""
    texts = [str(level) for level in levels]
    try:
        values = [float(text) for text in texts]
    except ValueError:
        return None
    # An infinite level and a level that is not a number have no position on an axis either. The texts 1 and 1.0 would
    # have the same one.
    one_each = len(set(values)) == len(set(texts))
    return values if one_each and all(abs(value) < LARGEST for value in values) else None


def level_positions(levels: "pd.Series") -> dict[object, float]:
    """Returns the position of each level on an axis, in the order of the positions.

    A number stands at its value. A name stands at its place in the order of appearance.
    """
    distinct = list(levels.dropna().unique())
    values = as_numbers(distinct)
    if values is None:
        return {level: float(turn) for turn, level in enumerate(distinct)}
    return dict(sorted(zip(distinct, values, strict=True), key=lambda pair: pair[1]))


def is_wide(values: Collection[float]) -> bool:
    """Whether these numbers span so much that a linear axis would crowd the small ones."""
    sizes = [abs(value) for value in values if value]
    return len(sizes) > 1 and max(sizes) > WIDEST_LINEAR * min(sizes)


def set_wide_scale(set_scale: Callable[..., None], values: Collection[float]) -> None:
    """Makes an axis logarithmic by its `set_scale`. With 0 or less among the numbers, the part around 0 is linear."""
    if min(values) > 0:
        set_scale("log")
    else:
        set_scale("symlog", linthresh=min(abs(value) for value in values if value))


def set_level_axis(ax: Axes, positions: dict[object, float]) -> None:
    """Makes the horizontal axis one of levels: labelled ticks, and a logarithmic scale for a wide range."""
    are_names = as_numbers(positions) is None
    ax.margins(x=0.08)
    if are_names:
        ax.set_xlim(-0.6, len(positions) - 0.4)
    elif is_wide(positions.values()):
        set_wide_scale(ax.set_xscale, positions.values())
    if are_names or len(positions) <= MOST_TICKS:
        ax.xaxis.set_major_locator(FixedLocator(list(positions.values())))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticklabels([textwrap.fill(level_label(level_text(level)), 10) for level in positions])
