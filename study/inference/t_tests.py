"""The baseline against each variant: the one rule by which a difference is called a difference.

**Test.** Welch's t, because networks differ in their variance. If the file declares `paired`, Student's t of the pairs
that share a seed; a seed that lacks one side is left out of that pair. If it declares `equal_variances`, Student's t
with one variance pooled over all points, as in Dunnett's test. The data never choose among these tests: a Levene test
beforehand does not keep the error.

Welch's degrees of freedom are at most 2·min(n) − 2. With equal numbers of seeds they never are more. With unequal ones
two seeds whose values are close by chance would count as many: of ten seeds against two, 26 % of studies without any
effect would find one.

If no seed differs from another by more than rounding, t says nothing. Then the p is that of the exact permutation test
(for pairs, of signs), and there is no interval.

**Allowing for many variants.** Step-down of the smallest p (`multiplicity.step_down`): over all variants together, a
difference is reported wrongly with a probability of 5 %. The method uses that the differences correlate, because they
share one baseline. The baseline's share in the variance of each difference is estimated from the variances. For pairs
it is estimated from their mean covariance and kept below `MOST_SHARED`, because few seeds estimate it badly: without
this limit the error reaches 6.9 %. With equal variances the share follows from the numbers of seeds, and the test is
Dunnett's, stepped down.

**Intervals.** Each difference has its own Student's t interval at 95 %. It also has a wider, single-step interval that
holds for all at once. A stepped-down p can be below 0.05 although that wider interval still holds 0.

**No difference.** With a margin, two one-sided tests (TOST) at 5 % each, by the same t. They are not adjusted for the
number of variants: "no difference" is wrong only if the effect is at least as large as the margin, and this error is
most probable, at 5 %, if the effect equals the margin.

`tests/calibration.py` measures all of this. Values are given as [..., point, seed] with the baseline first; a
missing value is NaN. Results are [..., variant].
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import binom, stdtr, stdtrit

from study.inference import multiplicity
from study.inference.multiplicity import Array
from study.space.search_space import Method

ERROR = 0.05
MOST_SHARED = 0.25


class Comparisons(NamedTuple):
    """Each variant against the baseline, before any test."""

    value: Array
    """The difference of means."""
    error: Array
    """The standard error of the difference. NaN if nothing can be tested."""
    freedom: Array
    weight: Array
    """The square root of the baseline's share in the variance of the difference."""
    spread: Array
    """The standard deviation of the difference if each point had one seed."""
    rate: Array
    """How many degrees of freedom one more seed at every point adds."""
    least: Array
    """The two-sided p of the most extreme permutation."""
    shared: Array | None = None
    """The degrees of freedom of the one variance that all share. None if each has its own."""
    permuted: Array | float = 0.0
    """The p of the exact permutation test where it guards this test (`permutation.guarded`), else 0."""

    @property
    def p(self) -> Array:
        """The two-sided p of each comparison alone."""
        with np.errstate(divide="ignore", invalid="ignore"):
            p = multiplicity.two_sided(self.value / self.error, self.freedom)
        return np.where(self.error == 0, np.where(self.value == 0, 1, self.least), p)

    @property
    def adjusted(self) -> Array:
        """The p adjusted for the number of variants, or that of the permutation test if this guards and is larger."""
        return multiplicity.step_down(np.maximum(self.p, self.permuted), self._weights, shared=self.shared)

    @property
    def level(self) -> Array:
        """The p below which a single-step test of all variants rejects. The axis of variants has length one."""
        return self.level_of(ERROR)

    def level_of(self, error: float) -> Array:
        """Returns the p below which a single-step test rejects any variant with probability `error` if none differs."""
        return multiplicity.level(self._weights, error=error, shared=self.shared)[..., None]

    @property
    def _weights(self) -> Array:
        return np.where(np.isfinite(self.error), self.weight, np.nan)

    def interval(self, level: Array | float = ERROR) -> tuple[Array, Array]:
        """Returns the ends of the interval that misses with probability `level`. NaN if nothing can be tested."""
        half = -stdtrit(self.freedom, np.asarray(level) / 2) * self.error
        half = np.where(self.error == 0, np.nan, half)
        return self.value - half, self.value + half

    def equivalence(self, margin: float) -> Array:
        """Returns the larger p of the two one-sided tests against a difference of `margin` or more."""
        room = margin - np.abs(self.value)
        with np.errstate(divide="ignore", invalid="ignore"):
            p = stdtr(self.freedom, -room / self.error)
        return np.where(self.error == 0, np.where(room > 0, self.least / 2, 1), p)


def compare(values: Array, *, method: Method) -> Comparisons:
    """Compares each variant in [..., point, seed] with the first point."""
    with np.errstate(divide="ignore", invalid="ignore"):
        comparisons = _METHODS[method](np.asarray(values, dtype=float))
    # If all values of each point are equal, the difference has no error. Then any number of degrees of freedom will do.
    return comparisons._replace(freedom=np.where(comparisons.error == 0, 1, comparisons.freedom))


def moments(values: Array, rounding: Array | float) -> tuple[Array, Array, Array]:
    """Returns number, mean and variance of the finite values along the last axis. NaN if there are too few.

    Values that differ by no more than `rounding` have a variance of 0.
    """
    is_value = np.isfinite(values)
    count = is_value.sum(-1)
    # Subtract the first value, so that equal values have a mean without a rounding error.
    first = np.take_along_axis(values, is_value.argmax(-1)[..., None], -1)
    offset = np.where(is_value, values - first, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = offset.sum(-1) / count
        square = (np.where(is_value, offset - mean[..., None], 0) ** 2).sum(-1)
        # The first value has offset 0, so this is at most twice the range.
        square = np.where(np.abs(offset).max(-1, initial=0) <= rounding, 0, square)
        variance = np.where(count > 1, square / (count - 1), np.nan)
    return count, first[..., 0] + mean, variance


def rounding(values: Array) -> Array:
    """Returns the difference up to which two values of [..., point, seed] may be the same number, rounded otherwise.

    Metrics are often computed in single precision. If each value of a study is a single-precision number, differences
    are only as exact as these.
    """
    size = np.where(np.isfinite(values), np.abs(values), 0).max((-1, -2), initial=0)
    with np.errstate(over="ignore", invalid="ignore"):
        is_single = ((values.astype(np.float32) == values) | ~np.isfinite(values)).all((-1, -2))
    exactness: Array = 4 * np.where(is_single, np.finfo(np.float32).eps, np.finfo(np.float64).eps) * size
    return exactness


def _welch(values: Array) -> Comparisons:
    count, mean, variance = moments(values, rounding(values)[..., None])
    part = variance / count
    ours, theirs = part[..., 1:], part[..., :1]
    both, spread = ours + theirs, variance[..., 1:] + variance[..., :1]
    freedom = both**2 / (ours**2 / (count[..., 1:] - 1) + theirs**2 / (count[..., :1] - 1))
    freedom = np.minimum(freedom, 2.0 * np.minimum(count[..., 1:], count[..., :1]) - 2)
    rate = spread**2 / (variance[..., 1:] ** 2 + variance[..., :1] ** 2)
    share = np.where(both > 0, theirs / both, 0)
    value = mean[..., 1:] - mean[..., :1]
    return Comparisons(
        value=value,
        error=np.sqrt(both),
        freedom=freedom,
        weight=np.sqrt(share),
        spread=np.sqrt(spread),
        rate=rate,
        least=_least(count),
    )


def _paired(values: Array) -> Comparisons:
    pairs = values[..., 1:, :] - values[..., :1, :]
    count, mean, variance = moments(pairs, rounding(values)[..., None])
    is_pair = np.isfinite(pairs)
    centred = np.where(is_pair, pairs - mean[..., None], 0)
    # The sum of products over all pairs of variants is the square of the sum minus the sum of squares.
    together = (centred.sum(-2) ** 2 - (centred**2).sum(-2)).sum(-1)
    common = is_pair.astype(float) @ np.swapaxes(is_pair, -1, -2) - 1
    several = np.clip(common, 0, None).sum((-1, -2)) - np.clip(count - 1, 0, None).sum(-1)
    covariance = np.where(several > 0, np.maximum(together, 0) / several, 0)[..., None]
    share = np.where(variance > 0, np.minimum(covariance / variance, MOST_SHARED), 0)
    return Comparisons(
        value=mean,
        error=np.sqrt(variance / count),
        freedom=count - 1.0,
        weight=np.sqrt(share),
        spread=np.sqrt(variance),
        rate=np.ones_like(mean),
        least=2.0 ** (1 - count),
    )


def _pooled(values: Array) -> Comparisons:
    count, mean, variance = moments(values, rounding(values)[..., None])
    freedom = np.maximum(count - 1, 0).sum(-1).astype(float)
    pooled = np.where(count > 1, (count - 1) * variance, 0).sum(-1) / np.where(freedom > 0, freedom, np.nan)
    ours, theirs, value = 1 / count[..., 1:], 1 / count[..., :1], mean[..., 1:] - mean[..., :1]
    share = np.broadcast_to(theirs / (ours + theirs), value.shape)
    points = np.broadcast_to((count > 0).sum(-1)[..., None].astype(float), value.shape)
    error = np.where(np.isfinite(value), np.sqrt(pooled[..., None] * (ours + theirs)), np.nan)
    each, spread = (np.broadcast_to(item[..., None], value.shape) for item in (freedom, np.sqrt(2 * pooled)))
    return Comparisons(
        value=value,
        error=error,
        freedom=each,
        weight=np.sqrt(share),
        spread=spread,
        rate=points,
        least=_least(count),
        shared=np.maximum(freedom, 1),
    )


def _least(count: Array) -> Array:
    least: Array = 2 / binom(count[..., 1:] + count[..., :1], count[..., :1])
    return least


_METHODS: dict[Method, Callable[[Array], Comparisons]] = {
    "welch": _welch,
    "paired": _paired,
    "equal_variances": _pooled,
}
