"""What a measurement says of a claim about it: that it is reached, that it is a gain, that nothing is lost.

A judgement needs evidence: it is "undecided" if the interval or the p allows both answers.
"""

from typing import TYPE_CHECKING, Literal

from study.inference.cell_table import Declared
from study.inference.intervals import Difference, Interval, difference
from study.inference.t_tests import ERROR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Judgement = Literal["confirmed", "contradicted", "undecided"]


def judge_reached(interval: Interval, aim: float) -> Judgement:
    """Judges the claim that a mean is at least `aim`. The whole interval must lie on one side."""
    if interval.low >= aim:
        return "confirmed"
    return "contradicted" if interval.high < aim else "undecided"


def judge_gain(change: Difference, *, sign: int) -> Judgement:
    """Judges the claim that a change is for the better. `sign` is -1 if less of the objective is better, else 1."""
    if not change.p < ERROR:  # A p that is NaN decides nothing.
        return "undecided"
    return "confirmed" if change.value * sign > 0 else "contradicted"


def judge_no_loss(variant: "ArrayLike", other: "ArrayLike", *, declared: Declared) -> Judgement:
    """Judges the claim that the variant loses at most the margin against the other. Without a margin it may not lose.

    The test is one-sided, like the test by the margin in `study effects`.
    """
    one_sided = difference(variant, other, confidence=1 - 2 * ERROR)
    two_sided = difference(variant, other, confidence=1 - ERROR)
    worst = min(declared.sign * end for end in (one_sided.low, one_sided.high))
    best = max(declared.sign * end for end in (two_sided.low, two_sided.high))
    largest_loss = -(declared.margin or 0)
    if worst >= largest_loss:
        return "confirmed"
    return "contradicted" if best < largest_loss else "undecided"
