"""The exact permutation test of two samples, and where it guards the t test.

A t test assumes normal noise. If seeds fail at random, with one probability everywhere, their results have two peaks,
and t finds a difference too often: in 6.9 % of studies of ten seeds without any effect. Then a permutation test keeps
its level, because all ways to share the results out are equally probable. So a difference counts only if both find it.

Few seeds have so few permutations that no p is small enough for many variants. There t stands alone: `guarded` names
the limit. Pairs need no guard, because a pair's difference has a symmetric distribution. A declared equal variance is
taken at its word.

Three seeds against more have a guard of their own, Student's t with two degrees of freedom: if their standard deviation
is three times the baseline's, ten seeds against three would err in 12 %.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import binom

from study.inference.multiplicity import Array, two_sided
from study.inference.t_tests import ERROR, Comparisons
from study.inference.verdict_rule import FEWEST_SEEDS
from study.space.search_space import Method

MOST_VALUES = 40
"""With more values there are too many permutations to count, and t needs no guard."""
_ROOM = 5
_DRAWS, _AT_ONCE = 100_000, 10_000
"""Permutations that are drawn if there are too many to count, and how many of them at once."""


def guarded(comparisons: Comparisons, values: Array, *, method: Method) -> Comparisons:
    """Returns the comparisons of `values`, [..., point, seed], whose adjusted p is the larger one of both tests.

    The guard applies if the smallest p that a permutation can have, times the number of variants, is below a fifth of
    the error. It is computed where t alone finds a difference, because elsewhere it could change no verdict.
    """
    if method != "welch":
        return comparisons
    variants = np.isfinite(comparisons.p).sum(-1)[..., None]
    asked = (comparisons.p < ERROR) & (comparisons.least * variants < ERROR / _ROOM)
    permuted = _of_three(comparisons, np.isfinite(values).sum(-1))
    for place in zip(*np.nonzero(asked), strict=True):
        *family, variant = place
        exact = exact_p(values[(*family, variant + 1)], values[(*family, 0)])
        permuted[place] = max(permuted[place], exact)
    return comparisons._replace(permuted=permuted)


def _of_three(comparisons: Comparisons, count: Array) -> Array:
    """Returns the p with two degrees of freedom where a point of three seeds meets one of more. 0 elsewhere."""
    fewest, most = np.minimum(count[..., 1:], count[..., :1]), np.maximum(count[..., 1:], count[..., :1])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = two_sided(comparisons.value / comparisons.error, np.minimum(comparisons.freedom, 2.0))
    return np.where((fewest == FEWEST_SEEDS) & (most > fewest) & np.isfinite(p), p, 0)


def exact_p(ours: Array, theirs: Array) -> float:
    """Returns the share of permutations whose means differ at least as much. 0 if there are too many to count.

    Values that are not finite are left out.
    """
    first, second = sorted((ours[np.isfinite(ours)], theirs[np.isfinite(theirs)]), key=len)
    pooled = np.concatenate([first, second])
    if len(first) == 0 or len(pooled) > MOST_VALUES:
        return 0.0
    pooled = pooled - pooled.mean()
    # Sums in another order differ by rounding.
    least = abs(pooled[: len(first)].sum()) - 1e-9 * np.abs(pooled).sum()
    return _as_extreme(pooled, len(first), least) / float(binom(len(pooled), len(first)))


def permutation_ps(pairs: Sequence[tuple[Array, Array]]) -> Array:
    """Returns the p of the permutation test of each pair of samples. Values that are not finite are left out.

    It is exact if there are at most `_DRAWS` permutations. Else so many are drawn, always the same ones, and the one
    that was observed is counted with them, so that p keeps its level.
    """
    p = np.zeros(len(pairs))
    samples = [tuple(sample[np.isfinite(sample)] for sample in pair) for pair in pairs]
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, (ours, theirs) in enumerate(samples):
        alike[len(ours), len(theirs)].append(place)
    for (size, others), places in alike.items():
        if binom(size + others, size) <= _DRAWS:
            p[places] = [exact_p(*samples[place]) for place in places]
        else:
            p[places] = _drawn_p(np.array([np.concatenate(samples[place]) for place in places]), size)
    return p


def _drawn_p(pooled: Array, size: int) -> Array:
    """Returns the p of the first `size` values of each row against the others, by permutations that are drawn."""
    pooled = pooled - pooled.mean(-1, keepdims=True)
    least = np.abs(pooled[:, :size].sum(-1)) - 1e-9 * np.abs(pooled).sum(-1)
    subsets = np.split(_subsets(pooled.shape[-1], size), _DRAWS // _AT_ONCE)
    extreme = sum((np.abs(chosen.astype(float) @ pooled.T) >= least).sum(0) for chosen in subsets)
    return np.asarray((extreme + 1) / (_DRAWS + 1))


@lru_cache(maxsize=16)
def _subsets(count: int, size: int) -> NDArray[np.bool_]:
    """Returns subsets of `size` of so many values, drawn at random, as [subset, value]."""
    order = np.random.default_rng(0).random((_DRAWS, count)).argpartition(size - 1, axis=-1)
    chosen = np.zeros(order.shape, bool)
    np.put_along_axis(chosen, order[:, :size], values=True, axis=-1)
    return chosen


def _as_extreme(values: Array, size: int, least: float) -> int:
    """Returns how many subsets of this size have a sum that is at least as far from 0 as `least`.

    Each subset is a part of the first half of the values and a part of the second one. So it is enough to list the
    subsets of each half, and to count pairs of them.
    """
    halves = [_sums(half) for half in (values[: len(values) // 2], values[len(values) // 2 :])]
    count = 0
    for taken in range(size + 1):
        here, there = halves[0].get(taken), halves[1].get(size - taken)
        if here is not None and there is not None:
            above = len(there) - np.searchsorted(there, least - here, side="left")
            below = np.searchsorted(there, -least - here, side="right")
            count += int(np.minimum(above + below, len(there)).sum())
    return count


def _sums(values: Array) -> dict[int, Array]:
    """Returns the sums of all subsets by the subset's size, each in order."""
    sums = {0: np.zeros(1)}
    for value in values:
        longer = {size + 1: sums[size] + value for size in sums}
        sums = {size: _merged(sums.get(size), longer.get(size)) for size in range(len(sums) + 1)}
    return sums


def _merged(first: Array | None, second: Array | None) -> Array:
    both = [part for part in (first, second) if part is not None]
    # Of two parts in order this kind of sorting makes one in a single pass.
    return np.sort(np.concatenate(both), kind="stable")
