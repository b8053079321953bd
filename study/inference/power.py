"""What a design can show before it has run, and how many more seeds would decide what it has not shown."""

import numpy as np
from scipy.special import nctdtr, stdtrit

from study.inference import multiplicity
from study.inference.comparisons import ERROR, MOST_SHARED, Comparisons, compare
from study.inference.multiplicity import Array
from study.space.search_space import Method

POWER = 0.8
MOST_SEEDS = 1_000
_DRAWS = 20_000


def detectable(*, seeds: int, variants: int, method: Method) -> float:
    """The smallest effect that is found with a probability of 80 %; infinite where no test can find any.

    In standard deviations of a point's seeds, alike at all points; of pairs, in those of the pairs' differences. The
    other variants are taken to have no effect.
    """
    if seeds < 2 or variants < 1:
        return np.inf
    found = _simulated(seeds, variants, method)
    weights = np.full(variants, np.sqrt(MOST_SHARED if method == "paired" else 0.5))
    shared = np.array((variants + 1.0) * (seeds - 1)) if method == "equal_variances" else None
    level = multiplicity.level(weights, error=ERROR, shared=shared)
    # An effect only moves the difference: each draw says how large it had to be for its own noise.
    needed = -stdtrit(found.freedom, level / 2) * found.error - found.value
    return float(np.quantile(needed, POWER))


def _simulated(seeds: int, variants: int, method: Method) -> Comparisons:
    """The comparison of one variant, over many draws without an effect."""
    random = np.random.default_rng(0)
    values = random.normal(size=(_DRAWS, 2, seeds))
    if method == "paired":
        return compare(values / np.sqrt(2), method=method)
    if method == "welch":
        return compare(values, method=method)
    freedom = (variants + 1) * (seeds - 1)
    pooled = np.sqrt(random.chisquare(freedom, size=(_DRAWS, 1)) / freedom)
    found = compare(values, method=method)
    return found._replace(error=pooled * np.sqrt(2 / seeds), freedom=np.full((_DRAWS, 1), float(freedom)))


def deciding(found: Comparisons, *, margin: float | None) -> Array:
    """The seeds a point that would decide each comparison with a probability of 80 %; infinite beyond MOST_SEEDS.

    As if the true effect and spread were those observed, and every point had the same number of seeds. To decide is to
    find the difference in a single-step test of all variants, or with a margin to find it within that.
    """
    seeds = np.arange(2, MOST_SEEDS + 1, dtype=float)
    value, spread = np.abs(found.value)[..., None], found.spread[..., None]
    freedom = found.rate[..., None] * (seeds - 1)

    def power(effect: Array, level: Array | float) -> Array:
        return _power(effect * np.sqrt(seeds), spread, freedom, level)

    decided = power(value, found.level[..., None] / 2)
    if margin is not None:
        decided = np.fmax(decided, power(margin - value, ERROR) + power(margin + value, ERROR) - 1)
    enough = decided >= POWER
    return np.where(enough.any(-1), seeds[enough.argmax(-1)], np.inf)


def _power(effect: Array, spread: Array, freedom: Array, level: Array | float) -> Array:
    """Of a one-sided t test; NaN where there is no spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # Beyond thirty standard errors, where SciPy's function fails, there is nothing left to find out.
        standard = np.clip(effect / spread, -30, 30)
        power = 1 - nctdtr(freedom, standard, -stdtrit(freedom, level))
    return np.where(spread > 0, power, np.nan)
