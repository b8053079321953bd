"""What a measurement says of a claim about it: that it is reached, that it is a gain, that nothing is lost.

A judgement needs evidence: it is "undecided" if the interval or the p allows both answers.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import stdtr

from study.inference.cell_table import Declared
from study.inference.intervals import Difference, Interval, difference
from study.inference.t_tests import ERROR, compare, rounding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Judgement = Literal["confirmed", "contradicted", "undecided"]


def judge_reached(interval: Interval, aim: float) -> Judgement:
    """Judges the claim that a mean is at least `aim`. The whole interval must lie on one side."""
    if interval.low >= aim:
        return "confirmed"
    return "contradicted" if interval.high < aim else "undecided"


def reached_p(values: "ArrayLike", aim: float) -> float:
    """Returns Student's two-sided p of the mean against `aim`, below 0.05 if `judge_reached` decides.

    NaN if there is a single value, or if no value differs from another by more than rounding.
    """
    sample = np.asarray(values, float)
    varies = np.ptp(sample) > rounding(sample[None])
    error = sample.std(ddof=1) / np.sqrt(sample.size) if varies else 0.0
    return float(2 * stdtr(sample.size - 1, -abs(sample.mean() - aim) / error)) if error > 0 else float("nan")


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


def no_loss_p(variant: "ArrayLike", other: "ArrayLike", *, declared: Declared) -> float:
    """Returns the p of the answer that `judge_no_loss` gives, or would give with more seeds. NaN if there is none.

    It is one-sided for "no loss beyond the margin", and two-sided for "a loss beyond the margin".
    """
    samples = [np.asarray(values, float) for values in (other, variant)]
    values = np.full((2, max(sample.size for sample in samples)), np.nan)
    for row, sample in zip(values, samples, strict=True):
        row[: sample.size] = sample
    found = compare(values, method="welch")
    gain, error, freedom = (float(each[0]) for each in (declared.sign * found.value, found.error, found.freedom))
    if not error > 0:
        return float("nan")
    statistic = (gain + (declared.margin or 0)) / error
    return float(min(stdtr(freedom, -statistic), 2 * stdtr(freedom, statistic)))
