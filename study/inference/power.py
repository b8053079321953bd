"""Which effects a design can find before it has run, and how many seeds would decide an undecided comparison."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from study.inference import multiplicity
from study.inference.multiplicity import Array
from study.inference.t_tests import ERROR, MOST_SHARED, Comparisons, compare
from study.space.search_space import Method

POWER = 0.8
MOST_SEEDS = 1_000
_DRAWS = 20_000


def detectable(*, seeds: int, variants: int, method: Method, error: float = ERROR) -> float:
    """Returns the smallest effect that is found with a probability of 80 %. Infinite if no test can find any.

    The unit is the standard deviation of a point's seeds, assumed equal at all points. With pairs it is that of the
    pairs' differences. The other variants are assumed to have no effect. `error` is what this test may err in.
    """
    if seeds < 2 or variants < 1:
        return np.inf
    draws = _simulated(seeds, variants, method)
    weights = np.full(variants, np.sqrt(MOST_SHARED if method == "paired" else 0.5))
    shared = np.array((variants + 1.0) * (seeds - 1)) if method == "equal_variances" else None
    level = multiplicity.level(weights, error=error, shared=shared)
    # An effect only moves the difference. So each draw shows how large an effect its noise would have needed.
    needed = -stdtrit(draws.freedom, level / 2) * draws.error - draws.value
    return float(np.quantile(needed, POWER))


def _simulated(seeds: int, variants: int, method: Method) -> Comparisons:
    """Returns the comparison of one variant in many draws without an effect."""
    random = np.random.default_rng(0)
    values = random.normal(size=(_DRAWS, 2, seeds))
    if method == "paired":
        return compare(values / np.sqrt(2), method=method)
    if method == "welch":
        return compare(values, method=method)
    freedom = (variants + 1) * (seeds - 1)
    pooled = np.sqrt(random.chisquare(freedom, size=(_DRAWS, 1)) / freedom)
    comparisons = compare(values, method=method)
    return comparisons._replace(error=pooled * np.sqrt(2 / seeds), freedom=np.full((_DRAWS, 1), float(freedom)))


def deciding(comparisons: Comparisons, *, margin: float | None) -> Array:
    """Returns how many seeds at each point would decide each comparison with a probability of 80 %.

    The observed effect and spread are taken as true, and every point has the same number of seeds. A comparison is
    decided if a single-step test of all variants finds the difference, or if the difference is shown to lie within the
    margin; the probability is that of either. Infinite beyond MOST_SEEDS.
    """
    fewest, most = np.full(comparisons.value.shape, 2), np.full(comparisons.value.shape, MOST_SEEDS)
    reached = _decided(comparisons, most, margin) >= POWER
    while (fewest < most).any():
        middle = (fewest + most) // 2
        enough = _decided(comparisons, middle, margin) >= POWER
        fewest, most = np.where(enough, fewest, np.minimum(middle + 1, most)), np.where(enough, middle, most)
    return np.where(reached, most, np.inf)


def _decided(comparisons: Comparisons, seeds: NDArray[np.int64], margin: float | None) -> Array:
    """Returns the probability that each comparison is decided on so many seeds at each point. NaN without spread."""
    freedom = comparisons.rate * (seeds - 1.0)
    scales, chances = multiplicity.estimates(freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(comparisons.spread > 0, comparisons.spread / np.sqrt(seeds), np.nan)[..., None]
        effect, error = np.abs(comparisons.value)[..., None] / deviation, scales
        found = -stdtrit(freedom, comparisons.level / 2)[..., None] * error
        within = -np.inf if margin is None else margin / deviation + stdtrit(freedom, ERROR)[..., None] * error
    # Between the two ends of a difference's size the comparison stays undecided.
    near = np.minimum(np.maximum(within, 0), found)
    undecided = ndtr(found - effect) - ndtr(near - effect) + ndtr(-near - effect) - ndtr(-found - effect)
    decided: Array = 1 - (undecided * chances).sum(-1)
    return decided
