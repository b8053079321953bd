"""Which effects a design can find before it has run, and how many seeds would decide an undecided comparison."""

import numpy as np
from scipy.special import nctdtr, stdtrit

from study.inference import multiplicity
from study.inference.multiplicity import Array
from study.inference.t_tests import ERROR, MOST_SHARED, Comparisons, compare
from study.space.search_space import Method

POWER = 0.8
MOST_SEEDS = 1_000
_DRAWS = 20_000


def detectable(*, seeds: int, variants: int, method: Method) -> float:
    """Returns the smallest effect that is found with a probability of 80 %. Infinite if no test can find any.

    The unit is the standard deviation of a point's seeds, assumed equal at all points. With pairs it is that of the
    pairs' differences. The other variants are assumed to have no effect.
    """
    if seeds < 2 or variants < 1:
        return np.inf
    draws = _simulated(seeds, variants, method)
    weights = np.full(variants, np.sqrt(MOST_SHARED if method == "paired" else 0.5))
    shared = np.array((variants + 1.0) * (seeds - 1)) if method == "equal_variances" else None
    level = multiplicity.level(weights, error=ERROR, shared=shared)
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
    margin. Infinite beyond MOST_SEEDS.
    """
    seeds = np.arange(2, MOST_SEEDS + 1, dtype=float)
    value, spread = np.abs(comparisons.value)[..., None], comparisons.spread[..., None]
    freedom = comparisons.rate[..., None] * (seeds - 1)

    def power(effect: Array, level: Array | float) -> Array:
        return _power(effect * np.sqrt(seeds), spread, freedom, level)

    decided = power(value, comparisons.level[..., None] / 2)
    if margin is not None:
        decided = np.fmax(decided, power(margin - value, ERROR) + power(margin + value, ERROR) - 1)
    enough = decided >= POWER
    return np.where(enough.any(-1), seeds[enough.argmax(-1)], np.inf)


def _power(effect: Array, spread: Array, freedom: Array, level: Array | float) -> Array:
    """Returns the power of a one-sided t test. NaN if there is no spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # SciPy's function fails beyond thirty standard errors. There the power is 0 or 1 anyway.
        standard = np.clip(effect / spread, -30, 30)
        power = 1 - nctdtr(freedom, standard, -stdtrit(freedom, level))
    return np.where(spread > 0, power, np.nan)
