"""Values that fall into two groups: seeds that learned and seeds that did not. Needs no pandas.

Two groups are found at a point of five seeds or more if its values fall apart: the gap between them is larger than
twice the range of each group, and than eight standard deviations within groups, pooled over all points. The worse
group of the point with the largest gap did not learn, and neither did any seed that is as bad at another point. If the
task says what chance scores, that decides instead.

Two groups are possible if the gap is larger than one range and six standard deviations. That is too little to say so,
but enough not to say "no difference".
"""

from collections.abc import Mapping
from math import nan

import numpy as np
from numpy.typing import NDArray

from study.inference.multiplicity import Array
from study.inference.t_tests import rounding
from study.inference.verdict_rule import ENOUGH_SEEDS

_SURE, _POSSIBLE = (8.0, 2.0), (6.0, 1.0)
"""How many standard deviations within groups, and how many ranges of each group, the gap must exceed."""
_NEAR = 0.1
"""The part of the gap by which a seed at another point may be better than those that failed, and has failed, too."""

_NEAR_CHANCE = 0.05
"""The same beside what chance scores. It is less, because chance is known, and the first steps from it are learning."""


def failed_end(samples: Mapping[str, Array], *, sign: int, sure: bool = True) -> float:
    """Returns the value up to which a seed did not learn, as `sign` × value. NaN if no point falls into two groups.

    If it need not be sure, two groups that are possible will do.
    """
    deviations, ranges = _SURE if sure else _POSSIBLE
    splits = {point: _split(np.sort(sign * values)) for point, values in samples.items() if len(values) >= ENOUGH_SEEDS}
    within = sum(low.var() * len(low) + high.var() * len(high) for low, high in splits.values())
    freedom = sum(len(low) + len(high) - 2 for low, high in splits.values())
    least = deviations * np.sqrt(within / freedom) if freedom else np.inf
    apart = [
        (high[0] - low[-1], low[-1]) for low, high in splits.values() if _is_apart(low, high, float(least), ranges)
    ]
    if not apart:
        return nan
    gap, end = max(apart)
    # Failed seeds of other points that fall apart, too, may be somewhat better than those of this point.
    highest = max(low for _, low in apart if low < end + gap / 2)
    end = float(highest + _NEAR * gap)
    # By chance one seed of many points stands apart. Then the other points go on where it would part them.
    crossing = sum(_goes_across(low, high, end, gap / 2) for low, high in splits.values())
    return nan if crossing > len(apart) else end


def chance_end(samples: Mapping[str, Array], chance: float, *, sign: int) -> float:
    """Returns the same where the task says what a model reaches that has learned nothing.

    A seed learned if it comes at least a twentieth of the way from there to the best point's mean.
    """
    best = max((float(np.mean(sign * values)) for values in samples.values() if len(values)), default=nan)
    return sign * chance + _NEAR_CHANCE * max(0.0, best - sign * chance)


def may_fall_apart(values: Array) -> NDArray[np.bool_]:
    """Returns of many families, [..., point, seed], which ones `failed_end` need not be asked about: False for these.

    It compares only the gap with the ranges of both groups, for all families at once.
    """
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=-1)
    count = np.isfinite(ordered).sum(-1)
    gaps = np.nan_to_num(np.diff(ordered))
    place = gaps.argmax(-1)[..., None]

    def at(turn: NDArray[np.int64]) -> Array:
        return np.take_along_axis(ordered, np.maximum(turn, 0), -1)[..., 0]

    low, high = at(place) - ordered[..., 0], at(count[..., None] - 1) - at(place + 1)
    apart = (gaps.max(-1) > _POSSIBLE[1] * np.maximum(low, high)) & (count >= ENOUGH_SEEDS)
    any_point: NDArray[np.bool_] = apart.any(-1)
    return any_point


def _split(ordered: Array) -> tuple[Array, Array]:
    place = int(np.diff(ordered).argmax()) + 1
    return ordered[:place], ordered[place:]


def _goes_across(low: Array, high: Array, end: float, least: float) -> bool:
    """Whether a point has values on both sides of the end, and no gap as large as `least`."""
    return bool(low[0] <= end < high[-1] and high[0] - low[-1] < least)


def _is_apart(low: Array, high: Array, least: float, ranges: float) -> bool:
    gap, exactness = high[0] - low[-1], float(rounding(np.concatenate([low, high])[None]))
    return bool(gap > max(least, ranges * np.ptp(low), ranges * np.ptp(high), exactness))
