"""At which of several ordered groups does more stop paying? A lower and an upper bound, each wrong in at most 5 %."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.inference.contrasts import independent_contrast, paired_contrast
from study.inference.intervals import CONFIDENCE, Difference

ALPHA = 1 - CONFIDENCE
ONE_SIDED = 1 - 2 * ALPHA
"""The confidence of an interval that has an upper end which holds at 95 % on its own."""


class Plateau(NamedTuple):
    """The indices of two groups, and how much may still be gained above the first."""

    beaten_below: int
    """The lowest group that is not shown to be worse than a higher one. Every lower group is."""
    enough_from: int
    """The lowest group for which every higher one is shown to gain less than the margin. Else the highest group."""
    gain: float
    """How much better than `beaten_below` a higher group may be: the largest upper end, at 97.5 % for all together."""


def plateau(samples: Sequence[np.ndarray], *, margin: float, pairs: bool) -> Plateau:
    """Returns the bounds for groups in order. More is better. With `pairs` the groups share their seeds, in order."""

    def gain(low: int, high: int, confidence: float = CONFIDENCE) -> Difference:
        both = [samples[high], samples[low]]
        return (paired_contrast if pairs else independent_contrast)(both, [1.0, -1.0], confidence=confidence)

    def is_beaten(low: int) -> bool:
        above = range(low + 1, len(samples))
        return any(gained.value > 0 and gained.p * len(above) < ALPHA for gained in (gain(low, high) for high in above))

    def is_enough(low: int) -> bool:
        return all(gain(low, high, ONE_SIDED).high < margin for high in range(low + 1, len(samples)))

    # Tests in a fixed order that end at the first failure keep their level without correction. Within one step, "some
    # higher group is better" is corrected: by Bonferroni on two-sided p, so that it errs in 2.5 %. "All higher groups
    # gain little" needs no correction, because it must be shown for each of them.
    top = len(samples) - 1
    beaten = next((low for low in range(top) if not is_beaten(low)), top)
    enough = next((low + 1 for low in reversed(range(top)) if not is_enough(low)), 0)
    above = range(beaten + 1, len(samples))
    highs = [gain(beaten, high, 1 - ALPHA / len(above)).high for high in above]
    # `np.max` gives NaN if one of them is NaN: then the largest is unknown, too.
    return Plateau(beaten, enough, float(np.max([0.0, *highs])))
