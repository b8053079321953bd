"""Values that fall into two groups: seeds that learned and seeds that did not. Needs no pandas.

Two groups are found at a point of five seeds or more if its values fall apart: the gap between them is larger than
twice the range of each group, and than `CLEAR` standard deviations within groups, pooled over all points. The worse
group of the point with the largest gap did not learn, and neither did any seed that is as bad at another point.
"""

from collections.abc import Mapping
from math import nan

import numpy as np

from study.inference.multiplicity import Array
from study.inference.t_tests import rounding
from study.inference.verdict_rule import ENOUGH_SEEDS

CLEAR = 8.0
_NEAR = 0.1
"""The part of the gap by which a seed at another point may be better than those that failed, and has failed, too."""


def failed_end(samples: Mapping[str, Array], *, sign: int) -> float:
    """Returns the value up to which a seed did not learn, as `sign` × value. NaN if no point falls into two groups."""
    splits = {point: _split(np.sort(sign * values)) for point, values in samples.items() if len(values) >= ENOUGH_SEEDS}
    within = sum(low.var() * len(low) + high.var() * len(high) for low, high in splits.values())
    freedom = sum(len(low) + len(high) - 2 for low, high in splits.values())
    least = CLEAR * np.sqrt(within / freedom) if freedom else np.inf
    apart = [(high[0] - low[-1], low[-1]) for low, high in splits.values() if _is_apart(low, high, float(least))]
    if not apart:
        return nan
    gap, end = max(apart)
    return float(end + _NEAR * gap)


def _split(ordered: Array) -> tuple[Array, Array]:
    place = int(np.diff(ordered).argmax()) + 1
    return ordered[:place], ordered[place:]


def _is_apart(low: Array, high: Array, least: float) -> bool:
    gap, exactness = high[0] - low[-1], float(rounding(np.concatenate([low, high])[None]))
    return bool(gap > max(least, 2 * np.ptp(low), 2 * np.ptp(high), exactness))
