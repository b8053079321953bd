"""How small the smallest p of many comparisons with one baseline becomes by chance alone.

All comparisons share the noise of the baseline. The square of a comparison's weight is the baseline's share in the
variance of its difference, and two comparisons correlate by the product of their `weights`. Once the baseline's noise
is given, they are independent. One integral over that noise therefore gives their joint probability.

Each p counts as the p of a normal statistic. This ignores that the comparisons also share the *estimate* of the
baseline's variance, which errs on the safe side. If all of them share one estimate, give its degrees of freedom as
`shared`: the integral then covers the estimate too, and the result is exact (Dunnett 1955).

Arrays may have leading axes, with one family for each. A comparison whose p or weight is NaN belongs to no family.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, ndtri, stdtr, stdtrit

Array = NDArray[np.float64]

_NOISE = np.linspace(0, 6.5, 48)
_CHANCE = np.exp(-(_NOISE**2) / 2) / (np.exp(-(_NOISE**2) / 2).sum() - 0.5)
_CHANCE[0] /= 2
"""The baseline's noise in its own standard deviations, and the probability of each. The integrand is even."""
_STEEP = 0.94
"""If the baseline's share in a variance is larger, the nodes above are too far apart for eight digits."""
_LEAST_SCALE = 1e-7
_FARTHEST = 9.0
_PANELS, _NODES = 20, 12
_LEGENDRE = np.polynomial.legendre.leggauss(24)
_TAIL = 1e-10
_STEPS = 24
_BLOCK = 4_000_000
"""The most numbers that are in memory at once."""


def none_below(p: Array, weights: Array, *, shared: Array | None = None) -> Array:
    """Returns the probability that no comparison of a family has a smaller p, if nothing has an effect."""
    if shared is None:
        return _all_within(-ndtri(p / 2), weights)
    scales, chances = estimates(shared)
    bounds = -stdtrit(shared, p / 2)[..., None] * scales
    together: Array = (_all_within(bounds, weights[..., None, :]) * chances).sum(-1)
    return together


def step_down(p: Array, weights: Array, *, shared: Array | None = None) -> Array:
    """Returns each p adjusted for its family: the smallest for all of them, the next for all but one, and so on."""
    order = np.argsort(p, axis=-1)  # NaN comes last.
    ranked, borne = np.take_along_axis(p, order, -1), np.take_along_axis(weights, order, -1)
    left = np.isfinite(p).sum(-1)
    adjusted, least = np.full_like(p, np.nan), np.zeros(p.shape[:-1])
    for rank in range(int(left.max(initial=0))):
        own = ranked[..., rank]
        if ((least == 1) | (rank >= left)).all():
            # No later p is smaller. Of thousands of variants without an effect, nearly all are here.
            adjusted[..., rank:] = np.where(np.isfinite(ranked[..., rank:]), 1, np.nan)
            break
        by_chance = 1 - none_below(own, borne[..., rank:], shared=shared)
        # The integral is good to some eight digits; these bounds hold exactly.
        least = np.maximum(least, np.clip(by_chance, own, np.minimum((left - rank) * own, 1)))
        adjusted[..., rank] = least
    out = np.empty_like(adjusted)
    np.put_along_axis(out, order, adjusted, -1)
    return out


def level(weights: Array, *, error: float, shared: Array | None = None) -> Array:
    """Returns the level that the smallest p of a family is below with probability `error`, if nothing has an effect."""
    size = np.maximum(np.isfinite(weights).sum(-1), 1)
    low, high = error / size, np.full(weights.shape[:-1], error)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        too_often = none_below(middle, weights, shared=shared) < 1 - error
        low, high = np.where(too_often, low, middle), np.where(too_often, middle, high)
    highest_level: Array = low
    return highest_level


def holm(ps: Sequence[float]) -> list[float]:
    """Returns each p adjusted by Holm's step-down for all of them. NaN is no test: it stays NaN and is not counted."""
    values = np.asarray(ps, float)
    tested = np.flatnonzero(np.isfinite(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    adjusted = values.copy()
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * values[order]), 1.0)
    return [float(p) for p in adjusted]


def two_sided(statistic: Array, freedom: Array) -> Array:
    """Returns Student's two-sided p."""
    p: Array = 2 * stdtr(freedom, -np.abs(statistic))
    return p


def _all_within(bounds: Array, weights: Array) -> Array:
    """Returns the probability that normal statistics with these weights all lie between -bound and bound."""
    shape = np.broadcast_shapes(np.shape(bounds), weights.shape[:-1])
    bounds, weights = np.broadcast_to(bounds, shape), np.broadcast_to(weights, (*shape, weights.shape[-1]))
    steep = (np.where(np.isfinite(weights), weights, 0) ** 2).max(-1, initial=0) > _STEEP
    together = np.empty(shape)
    together[~steep] = _integral(bounds[~steep], weights[~steep], _NOISE, _CHANCE)
    if steep.any():
        together[steep] = _integral(bounds[steep], weights[steep], *_around(bounds[steep], weights[steep]))
    return together


def _integral(bounds: Array, weights: Array, noise: Array, chance: Array) -> Array:
    """Returns the sum over the baseline's noise, given as nodes on a last axis with the probability of each."""
    product: Any = 1.0
    size = max(1, _BLOCK // max(1, bounds.size * noise.shape[-1]))
    for start in range(0, weights.shape[-1], size):
        part = weights[..., start : start + size]
        alike = part.shape[-1] > 1 and bool((part == part[..., :1]).all())
        within = _within(bounds, part[..., :1] if alike else part, noise)
        # With declared equal variances and equal numbers of seeds, all comparisons have one weight.
        product = product * (np.repeat(within, part.shape[-1], axis=-2) if alike else within).prod(-2)
    together: Array = np.sum(product * chance, axis=-1)
    return together


def _within(bounds: Array, weights: Array, noise: Array) -> Array:
    """Returns the probability that each statistic lies between -bound and bound, as [..., comparison, node]."""
    known = np.where(np.isfinite(weights), weights, 0)[..., None]
    rest = np.sqrt(np.maximum(1 - known**2, _LEAST_SCALE**2))
    shift, bound = known / rest * noise[..., None, :], bounds[..., None, None] / rest
    return np.where(np.isfinite(weights)[..., None], ndtr(shift + bound) - ndtr(shift - bound), 1)


def _around(bounds: Array, weights: Array) -> tuple[Array, Array]:
    """Returns nodes and probabilities that are dense around the bound, for comparisons that hang on the baseline.

    If the baseline has nearly the whole variance of a difference, the integrand falls from 1 to 0 within a small part
    of its noise, at the bound. The panels there are as small as the steepest fall, and grow with the distance from it.
    """
    known = np.where(np.isfinite(weights), weights, 0)
    scale = np.sqrt(np.maximum(1 - known**2, _LEAST_SCALE**2)).min(-1)[..., None]
    distances = scale * (_FARTHEST / scale) ** np.linspace(0, 1, _PANELS)
    centre = np.minimum(bounds, _FARTHEST)[..., None]
    edges = np.concatenate([centre - distances[..., ::-1], centre, centre + distances], axis=-1).clip(0, _FARTHEST)
    nodes, sizes = np.polynomial.legendre.leggauss(_NODES)
    low, width = edges[..., :-1, None], np.diff(edges)[..., None]
    noise = low + width * (nodes + 1) / 2
    chance = width * sizes * np.exp(-(noise**2) / 2) / np.sqrt(2 * np.pi)
    return noise.reshape(*bounds.shape, -1), chance.reshape(*bounds.shape, -1)


def estimates(freedom: Array) -> tuple[Array, Array]:
    """Returns ratios of the estimated to the true standard deviation, and their probabilities, along a last axis."""
    nodes, sizes = _LEGENDRE
    nu = np.asarray(freedom, dtype=float)[..., None]
    # Cube roots put more nodes close to 0, because most of the integral lies there if the degrees of freedom are few.
    low, high = (np.cbrt(np.sqrt(chdtri(nu, tail) / nu)) for tail in (1 - _TAIL, _TAIL))
    roots = low + (high - low) * (nodes + 1) / 2
    scales = roots**3
    logarithm = nu * np.log(scales) - nu * scales**2 / 2 - np.log(roots)
    density = sizes * np.exp(logarithm - logarithm.max(-1, keepdims=True))
    return scales, density / density.sum(-1, keepdims=True)
