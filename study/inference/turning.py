"""Does a curve over ordered groups turn: is there a peak or a dip, or does it only fall after some group?

Each pair of groups is compared, and all of these comparisons hold together at 95 % (Bonferroni). A group is a peak if
it is shown to be higher than a lower and than a higher group of the order, and a dip if it is shown to be lower.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from study.inference.contrasts import independent_contrast, paired_contrast
from study.inference.t_tests import ERROR

Kind = Literal["peak", "dip"]


class Turn(NamedTuple):
    """A group at which the curve turns."""

    kind: Kind
    group: int
    """Its index in the order."""


class Turning(NamedTuple):
    """What the comparisons of all pairs show."""

    turns: tuple[Turn, ...]
    falls_after: tuple[int, ...]
    """The groups after which each later group is shown to be lower. The last group is never among them."""
    rises_after: tuple[int, ...]
    """The groups after which each later group is shown to be higher. The last group is never among them."""


def turning(samples: Sequence[np.ndarray], *, pairs: bool) -> Turning:
    """Returns where the curve turns. With `pairs` the groups share their seeds, in order."""
    contrast, count = paired_contrast if pairs else independent_contrast, len(samples)
    step = np.zeros((count, count), int)
    """1 if the second group is shown to be higher than the first one, -1 if lower, else 0."""
    for first, second in combinations(range(count), 2):
        change = contrast([samples[second], samples[first]], [1.0, -1.0])
        if change.p * count * (count - 1) / 2 < ERROR:
            step[first, second] = int(np.sign(change.value))
    means = [float(np.mean(sample)) for sample in samples]
    turns = [turn for sign in (1, -1) if (turn := _turn(step * sign, [sign * mean for mean in means], sign))]
    falls, rises = (
        tuple(group for group in range(count - 1) if (sign * step[group, group + 1 :] > 0).all()) for sign in (-1, 1)
    )
    return Turning(tuple(sorted(turns, key=lambda turn: turn.group)), falls, rises)


def _turn(step: np.ndarray, means: Sequence[float], sign: int) -> Turn | None:
    """Returns the highest group that the curve rises to and falls from. None if there is none."""
    inner = range(1, len(means) - 1)
    found = [group for group in inner if (step[:group, group] > 0).any() and (step[group, group + 1 :] < 0).any()]
    return Turn("peak" if sign > 0 else "dip", max(found, key=means.__getitem__)) if found else None
