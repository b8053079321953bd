"""From which of several ordered groups on does more not pay? Bounded from below and from above, each at 5 % or less."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.inference.contrasts import independent_contrast, paired_contrast
from study.inference.intervals import CONFIDENCE, Difference

ALPHA = 1 - CONFIDENCE
ONE_SIDED = 1 - 2 * ALPHA
"""The confidence of an interval whose upper end alone holds at 95 %."""


class Plateau(NamedTuple):
    """The places of two groups, and what may still be had above the first."""

    beaten_below: int
    """Every lower group is shown to be worse than a higher one; this one is not shown to be."""
    enough_from: int
    """From here on every higher group is shown to gain less than the margin; at the latest the highest."""
    gain: float
    """How much better than `beaten_below` a higher group may be: the largest upper end, at 97.5 % for all together."""


def plateau(samples: Sequence[np.ndarray], *, margin: float, pairs: bool) -> Plateau:
    """Of groups in their order, in which more is better; `pairs` where they share their seeds, in order."""

    def gain(low: int, high: int, confidence: float = CONFIDENCE) -> Difference:
        both = [samples[high], samples[low]]
        return (paired_contrast if pairs else independent_contrast)(both, [1.0, -1.0], confidence=confidence)

    def is_beaten(low: int) -> bool:
        above = range(low + 1, len(samples))
        return any(found.value > 0 and found.p * len(above) < ALPHA for found in (gain(low, high) for high in above))

    def is_enough(low: int) -> bool:
        return all(gain(low, high, ONE_SIDED).high < margin for high in range(low + 1, len(samples)))

    # A sequence of tests in fixed order that ends at its first failure holds its level without correction. Within one
    # step, "some higher one is better" is corrected (Bonferroni, of two-sided p, so that it errs in 2.5 %); "all gain
    # little" must be shown of all, so is not.
    top = len(samples) - 1
    beaten = next((low for low in range(top) if not is_beaten(low)), top)
    enough = next((low + 1 for low in reversed(range(top)) if not is_enough(low)), 0)
    above = range(beaten + 1, len(samples))
    highs = [gain(beaten, high, 1 - ALPHA / len(above)).high for high in above]
    # Not `max`: where one is unknown, so is the largest.
    return Plateau(beaten, enough, float(np.max([0.0, *highs])))
