"""Contrasts: weighted sums of group means, with intervals. The groups are independent or share their seeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from study.inference.intervals import CONFIDENCE, Difference
from study.inference.t_tests import rounding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def independent_contrast(
    groups: Sequence["ArrayLike"], weights: Sequence[float], *, confidence: float = CONFIDENCE
) -> Difference:
    """Returns the sum of weight × mean. Each group has its own variance; the degrees of freedom are Satterthwaite's.

    With two groups at weights 1 and −1 this is Welch's t, with the same limit: the degrees of freedom are at most those
    of groups that all have as few values as the smallest one. A group at weight 0 is ignored. If another group has a
    single value, or the values of every group are equal but for rounding, t says nothing: interval and p are NaN.
    """
    parts = [(np.asarray(group, float), weight) for group, weight in zip(groups, weights, strict=True) if weight]
    exactness = float(rounding(np.concatenate([sample for sample, _ in parts])[None]))
    return _contrast(parts, exactness, confidence)


def paired_contrast(
    columns: Sequence["ArrayLike"], weights: Sequence[float], *, confidence: float = CONFIDENCE
) -> Difference:
    """Returns the sum of weight × mean of groups that share their seeds, in the same order.

    This is Student's t on each seed's own weighted sum. It allows any correlation between groups. Its degrees of
    freedom are the number of seeds minus one.
    """
    values = np.asarray(columns, float)
    exactness = float(rounding(values) * np.abs(weights).sum())
    return _contrast([(np.asarray(weights, float) @ values, 1.0)], exactness, confidence)


def contrast_by_seed(groups: Sequence["pd.Series[float]"], weights: Sequence[float], *, pairs: bool) -> Difference:
    """Returns the sum of weight × mean of groups whose index is the seed.

    With pairs only the seeds that every group has count.
    """
    if not pairs:
        return independent_contrast(groups, weights)
    return paired_contrast(list(pd.concat(groups, axis=1).dropna().to_numpy().T), weights)


def _contrast(parts: Sequence[tuple[np.ndarray, float]], exactness: float, confidence: float) -> Difference:
    value = float(sum(weight * sample.mean() if sample.size else np.nan for sample, weight in parts))
    fewest = min(sample.size for sample, _ in parts)
    if fewest < 2:
        return Difference(value, np.nan, np.nan, np.nan)
    # Values that are equal but for rounding have no variance.
    shares = [
        weight**2 * sample.var(ddof=1) / sample.size if np.ptp(sample) > exactness else 0.0 for sample, weight in parts
    ]
    variance = float(sum(shares))
    if variance == 0:
        return Difference(value, np.nan, np.nan, np.nan)
    freedom = variance**2 / sum(share**2 / (sample.size - 1) for share, (sample, _) in zip(shares, parts, strict=True))
    return _between(value, float(np.sqrt(variance)), min(float(freedom), len(parts) * (fewest - 1.0)), confidence)


def _between(value: float, error: float, freedom: float, confidence: float) -> Difference:
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return Difference(value, value - half, value + half, float(2 * stdtr(freedom, -abs(value) / error)))
