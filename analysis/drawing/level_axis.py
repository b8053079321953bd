"""An axis of levels: where each level stands, its tick, and when the scale is logarithmic."""

import textwrap
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from analysis.drawing.labels import level_label, level_text

WIDEST_LINEAR = 30
"""Numbers whose largest is more than this many times their smallest stand on a logarithmic axis."""
MOST_TICKS = 12
"""More numbers than this get round ticks instead of one tick each."""
MOST_NAMES = 40
"""Of more names than this only some have a tick."""
MOST_DIGITS = 3
"""Significant digits of a number that gets a tick of its own. Numbers with more were drawn at random."""
FEWEST_SAMPLED = 8
"""From so many numbers on, their spacing tells whether they were drawn on a logarithmic scale."""
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


def looks_logarithmic(values: Collection[float]) -> bool:
    """Whether these numbers were chosen on a logarithmic scale: by a constant factor, or at random."""
    ordered = sorted(values)
    if len(ordered) < 3 or ordered[0] <= 0:
        return False
    ratios = [high / low for low, high in pairwise(ordered)]
    if max(ratios) < 1.01 * min(ratios):
        return True
    return len(ordered) >= FEWEST_SAMPLED and _unevenness(np.log(ordered)) < 0.7 * _unevenness(np.asarray(ordered))


def is_logarithmic(values: Collection[float], *, declared: bool | None) -> bool:
    """Whether an axis of these numbers is logarithmic. If the study has not `declared` it, the numbers tell."""
    if declared is not None:
        return declared and min(values) > 0
    return is_wide(values) or looks_logarithmic(values)


def _unevenness(ordered: np.ndarray) -> float:
    """Returns how far these numbers are from being spread evenly between their ends, from 0 to 1."""
    shares = (ordered - ordered[0]) / (ordered[-1] - ordered[0])
    return float(np.abs(shares - np.linspace(0, 1, len(shares))).max())


def set_wide_scale(set_scale: Callable[..., None], values: Collection[float]) -> None:
    """Makes an axis logarithmic by its `set_scale`. With 0 or less among the numbers, the part around 0 is linear."""
    if min(values) > 0:
        set_scale("log")
    else:
        set_scale("symlog", linthresh=min(abs(value) for value in values if value))


def set_level_axis(ax: Axes, positions: dict[object, float], *, log: bool | None = None) -> None:
    """Makes the horizontal axis one of levels: a tick for each or round ticks, on a linear or logarithmic scale.

    `log` says whether the study declares the factor as logarithmic. If it is None, the numbers tell.
    """
    values = list(positions.values())
    if as_numbers(positions) is None:
        ax.margins(x=0.08)
        ax.set_xlim(-0.6, len(positions) - 0.4)
        _tick_each(ax.xaxis, positions)
        return
    ax.margins(x=0.08)
    if is_logarithmic(values, declared=log):
        set_wide_scale(ax.set_xscale, values)
    if len(positions) <= MOST_TICKS and all(_digits(value) <= MOST_DIGITS for value in values):
        _tick_each(ax.xaxis, positions)
    else:
        set_round_ticks(ax.xaxis)


def _digits(value: float) -> int:
    """Returns how many significant digits a number has when it is written out, 5 for 0.0025138."""
    return len(f"{abs(value):.5e}".partition("e")[0].replace(".", "").rstrip("0"))


def _tick_each(axis: Axis, positions: dict[object, float]) -> None:
    some = list(positions)[:: max(1, -(-len(positions) // MOST_NAMES))]
    axis.set_major_locator(FixedLocator([positions[level] for level in some]))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels([textwrap.fill(level_label(level_text(level)), 10) for level in some])


def set_round_ticks(axis: Axis, *, most: int = 5) -> None:
    """Gives an axis of numbers a few round ticks that are written out, such as 0.001, 0.003 and 0.01."""
    if axis.get_scale() == "linear":
        axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))
        return
    if axis.get_scale() == "log":
        low, high = sorted(axis.get_view_interval())
        narrow = high < 60 * low
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 12 * low else (1, 3) if narrow else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace("-", "−")))
