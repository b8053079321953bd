"""Means and differences with their intervals: of values, and of the table of cells."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from study.inference.cell_table import complete, objective, whole_curves
from study.inference.columns import metric_column, metric_name
from study.inference.t_tests import compare, rounding
from study.space.margin import are_shares

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A mean between the ends of its interval. The ends are NaN if there is only one value."""

    mean: float
    low: float
    high: float


class Difference(NamedTuple):
    """A difference of means between the ends of its interval, with its two-sided p. Only `value` is never NaN."""

    value: float
    low: float
    high: float
    p: float


def mean_interval(values: "ArrayLike", *, metric: str = "", confidence: float = CONFIDENCE) -> Interval:
    """Returns the mean of at least one value, between the ends of its Student's t interval.

    If `metric` is a share, such as an accuracy, and the values are, too, the ends stay between 0 and 1.
    """
    sample = np.asarray(values, dtype=float)
    mean = float(sample.mean())
    if sample.size < 2:
        return Interval(mean, np.nan, np.nan)
    deviation = sample.std(ddof=1) if np.ptp(sample) > rounding(sample[None]) else 0.0
    half = float(stdtrit(sample.size - 1, (1 + confidence) / 2) * deviation / np.sqrt(sample.size))
    low, high = mean - half, mean + half
    if are_shares(metric, sample.min(), sample.max()):
        return Interval(mean, max(0.0, low), min(1.0, high))
    return Interval(mean, low, high)


def difference(variant: "ArrayLike", baseline: "ArrayLike", *, confidence: float = CONFIDENCE) -> Difference:
    """Returns the variant's mean minus the baseline's, with Welch's t interval and test: variances may differ."""
    samples = [np.asarray(values, dtype=float) for values in (baseline, variant)]
    values = np.full((2, max(sample.size for sample in samples)), np.nan)
    for row, sample in zip(values, samples, strict=True):
        row[: sample.size] = sample
    comparison = compare(values, method="welch")
    low, high = comparison.interval(1 - confidence)
    return Difference(*(float(number[0]) for number in (comparison.value, low, high, comparison.p)))


def means(table: pd.DataFrame, *, by: Sequence[str], confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Returns a row for each combination of the columns `by`: mean, low and high of the objective, and n, its cells."""
    return _summary(complete(table), objective(table), by=by, confidence=confidence)


def curves(epochs: pd.DataFrame, *, metric: str, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Returns a row for each point and epoch: mean, low and high of the metric, and n, the number of whole curves."""
    column = metric_column(metric)
    whole = epochs[whole_curves(epochs, metric=metric)]
    return _summary(whole, column, by=["point", "epoch"], confidence=confidence)


def digit_means(digits: pd.DataFrame, *, by: Sequence[str] = ("point", "position")) -> pd.DataFrame:
    """Returns a row for each combination of the columns `by`: mean, low and high of the share read right, and n.

    `digits` is what `cell_table.digit_shares` returns.
    """
    return _summary(digits, "value", by=by, confidence=CONFIDENCE)


def _summary(rows: pd.DataFrame, column: str, *, by: Sequence[str], confidence: float) -> pd.DataFrame:
    values, metric = rows[column].to_numpy(dtype=float), metric_name(column)
    places = _places(rows, by)
    keys = rows[list(by)].iloc[[place[0] for place in places]].itertuples(index=False, name=None)
    summaries = [
        (*key, *mean_interval(values[place], metric=metric, confidence=confidence), len(place))
        for key, place in zip(keys, places, strict=True)
    ]
    return pd.DataFrame(summaries, columns=[*by, "mean", "low", "high", "n"])


def _places(rows: pd.DataFrame, by: Sequence[str]) -> "list[NDArray[np.int64]]":
    """Returns where the rows of each group are. A Series for each of thousands of groups would take seconds."""
    group = rows.groupby(list(by), sort=False).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")[np.count_nonzero(group < 0) :]
    return [place for place in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if place.size]
