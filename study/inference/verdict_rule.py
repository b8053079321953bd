"""What may be concluded from one comparison, given how many seeds it rests on."""

from collections.abc import Mapping
from typing import Literal

Verdict = Literal["helps", "hurts", "looks better", "looks worse", "no difference", "undecided", "confounded"]
"""What a comparison shows, in the order of a sentence.

It "looks" so if the p is small enough but the seeds are fewer than `ENOUGH_SEEDS`. Confounded: the variant and the
baseline never ran alike in some part of the environment, such as the device.
"""
FEWEST_SEEDS = 3
"""With fewer seeds at a point there is no verdict."""
ENOUGH_SEEDS = 5
"""With fewer seeds at a point a change at most looks better or worse.

With three seeds no permutation of them has a p below 0.1. If half of the seeds fail, three seeds err in 16 %.
"""


def verdict(gain: float, *, found: bool, within: bool, seeds: int) -> Verdict:
    """Returns the verdict on a change that gains so much of the objective.

    `found` says whether the p, adjusted for all variants, is small enough; `within`, whether the difference was shown
    to be smaller than the margin. `seeds` is the smaller number of complete seeds of the two points, or the number of
    pairs.
    """
    if seeds < FEWEST_SEEDS:
        return "undecided"
    if found:
        better, worse = _SURE if seeds >= ENOUGH_SEEDS else _LOOKS
        return better if gain > 0 else worse
    return "no difference" if within and seeds >= ENOUGH_SEEDS else "undecided"


_SURE: tuple[Verdict, Verdict] = ("helps", "hurts")
_LOOKS: tuple[Verdict, Verdict] = ("looks better", "looks worse")


def lost_text(lost: Mapping[str, int], *, of: int) -> str:
    """Returns how many of a point's cells were lost, and how: `2 of 10 diverged`. Empty if none was."""
    if not lost:
        return ""
    (state, count), *others = lost.items()
    return " and ".join([f"{count} of {of} {state}", *(f"{number} {other}" for other, number in others)])
