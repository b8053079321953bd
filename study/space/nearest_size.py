"""Finds the level of a setting at which a model has a given size, with few models built."""

from collections.abc import Callable, Iterator, Mapping
from math import inf, log
from typing import NamedTuple

_MOST_BUILT = 24
"""The most models that are built for one point."""
_MOST_ALIKE = 8
"""If more levels have the same size, the setting does not change it."""
_MOST_REFUSED = 1_000
"""How many levels around a guess are looked at, if the task refuses levels between others."""
_OVERSHOOT = 1.05
"""A guess beyond all levels that were tried goes so much further, so that the size lies between two of them soon."""


class Fit(NamedTuple):
    """A level, and the size that a model has there."""

    level: int
    size: float


def nearest_size(
    size: Callable[[int], float],
    target: float,
    *,
    start: int,
    low: float = -inf,
    high: float = inf,
    allowed: Callable[[int], bool] = lambda level: True,
) -> Fit | None:
    """Returns the level at which the size is nearest to the target, which is above 0. None if no level is allowed.

    Levels lie between `low` and `high`, inclusive. `size` is expensive, above 0, and should grow with the level.
    """
    tried: dict[int, float] = {}
    below, above = low - 1, high + 1
    guess = float(start)
    while len(tried) < _MOST_BUILT and (level := _near(guess, below, above, allowed)) is not None:
        tried[level] = size(level)
        same_size = len(tried) > _MOST_ALIKE and len(set(tried.values())) == 1
        if tried[level] == target or same_size:
            break
        below, above = (level, above) if tried[level] < target else (below, level)
        guess = _guess(tried, target, below, above)
    best = min(tried, key=lambda one: (abs(log(tried[one] / target)), one), default=None)
    return None if best is None else Fit(best, tried[best])


def _near(guess: float, below: float, above: float, allowed: Callable[[int], bool]) -> int | None:
    """Returns the allowed level that is nearest to a guess, between two bounds. None if there is none."""
    inside = min(max(round(guess), below + 1), above - 1)
    return next((level for level in _around(int(inside)) if below < level < above and allowed(level)), None)


def _around(level: int) -> Iterator[int]:
    yield level
    for step in range(1, _MOST_REFUSED):
        yield from (level + step, level - step)


def _guess(tried: Mapping[int, float], target: float, below: float, above: float) -> float:
    """Returns where the size should be the target, if it follows a power of the level."""
    known = sorted(level for level in tried if level > 0)
    if below in tried and above in tried:
        if below <= 0:
            return (below + above) / 2
        return _on_line(tried, int(below), int(above), target)
    end = known[-1] if below in tried and known else known[0] if known else 0
    if not end:
        return below + 1 if below in tried else above - 1
    other = known[-2] if below in tried and len(known) > 1 else known[1] if len(known) > 1 else 0
    ratio = target / tried[end]
    power = log(tried[end] / tried[other]) / log(end / other) if other else 2.0
    beyond = ratio ** (1 / power) if power > 0.1 else (2.0 if ratio > 1 else 0.5)
    return end * min(max(beyond, 0.25), 4.0) * (_OVERSHOOT if ratio > 1 else 1 / _OVERSHOOT)


def _on_line(tried: Mapping[int, float], below: int, above: int, target: float) -> float:
    """Returns the level on the line through two tried ones, in logarithms of level and size."""
    if len(tried) % 4 == 3:  # In the middle now and then, because a size that jumps is far from any line.
        return (below + above) / 2
    share = log(target / tried[below]) / log(tried[above] / tried[below])
    return float(below * (above / below) ** share)
