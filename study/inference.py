"""What a study shows: means, effects and their intervals, as pure functions of the tidy table."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from study.tidy import BASELINE, InferenceError, comparable, complete, objective, whole_curves

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# SciPy's statistics take most of a second to import: only what computes an interval pays for them.

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A mean between the ends of its interval; the ends are NaN where there is but one value."""

    mean: float
    low: float
    high: float


class Difference(NamedTuple):
    """A difference of means between the ends of its interval, with its two-sided p; all but the first may be NaN."""

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Effect:
    """What one change does: a variant's mean objective against the baseline's.

    The interval and p are of this comparison alone: nothing in them allows for the number of comparisons.
    """

    point: str
    mean: float
    difference: float
    low: float
    high: float
    p: float
    seeds: int
    """Complete cells of the variant."""
    baseline_seeds: int
    left_out: int
    """Cells of the variant that are not in its mean."""

    def __post_init__(self) -> None:
        if min(self.seeds, self.baseline_seeds) < 1:
            raise ValueError(f"An effect needs a complete cell at the variant and at the baseline: {self}.")
        if self.low > self.difference or self.difference > self.high:
            raise ValueError(f"The difference lies outside its own interval: {self}.")


def mean_interval(values: "ArrayLike", *, confidence: float = CONFIDENCE) -> Interval:
    """The mean of at least one value, between the ends of its Student's t interval."""
    from scipy import stats

    sample = np.asarray(values, dtype=float)
    mean = float(sample.mean())
    if sample.size < 2:
        return Interval(mean, np.nan, np.nan)
    half = float(stats.t.ppf((1 + confidence) / 2, sample.size - 1) * sample.std(ddof=1) / np.sqrt(sample.size))
    return Interval(mean, mean - half, mean + half)


def difference(variant: "ArrayLike", baseline: "ArrayLike", *, confidence: float = CONFIDENCE) -> Difference:
    """The variant's mean minus the baseline's, with Welch's t interval and test: variances may differ."""
    from scipy import stats

    ours, theirs = np.asarray(variant, dtype=float), np.asarray(baseline, dtype=float)
    value = float(ours.mean() - theirs.mean())
    if min(ours.size, theirs.size) < 2:
        return Difference(value, np.nan, np.nan, np.nan)
    with warnings.catch_warnings():
        # Networks that all stay at chance give equal values; the interval is then a point, and that is right.
        warnings.simplefilter("ignore", RuntimeWarning)
        test = stats.ttest_ind(ours, theirs, equal_var=False)
        low, high = test.confidence_interval(confidence)
    return Difference(value, min(float(low), value), max(float(high), value), float(test.pvalue))


def means(table: pd.DataFrame, *, by: Sequence[str], confidence: float = CONFIDENCE) -> pd.DataFrame:
    """A row for each combination of the columns `by`: mean, low and high of the objective, and n, its cells."""
    return _summary(complete(table), objective(table), by=by, confidence=confidence)


def curves(epochs: pd.DataFrame, *, metric: str, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """A row for each point and epoch of an epochs table: mean, low and high of the metric, and n, its whole curves."""
    column = f"metric.{metric}"
    whole = epochs[whole_curves(epochs, metric=metric)]
    return _summary(whole, column, by=["point", "epoch"], confidence=confidence)


def digit_means(digits: pd.DataFrame) -> pd.DataFrame:
    """A row for each point and position of `digits`: mean, low and high of the share read right, and n, its cells."""
    return _summary(digits, "value", by=["point", "position"], confidence=CONFIDENCE)


def _summary(rows: pd.DataFrame, column: str, *, by: Sequence[str], confidence: float) -> pd.DataFrame:
    summaries = [
        (*group, *mean_interval(values, confidence=confidence), len(values))
        for group, values in rows.groupby(list(by), sort=False)[column]
    ]
    return pd.DataFrame(summaries, columns=[*by, "mean", "low", "high", "n"])


def effects(table: pd.DataFrame, *, confidence: float = CONFIDENCE) -> list[Effect]:
    """Every variant with a complete cell against the baseline, of the comparable cells, in the table's order."""
    table = comparable(table)
    cells = complete(table)
    if (cells["point"] == BASELINE).sum() == 0:
        raise InferenceError("no cell of the baseline is complete: there is nothing to compare with")
    groups = cells.groupby("point", sort=False)[objective(table)]
    values = {str(point): group.to_numpy(float) for point, group in groups}
    reference = values.pop(BASELINE)
    planned = table["point"].value_counts()

    def effect(point: str, sample: "np.ndarray") -> Effect:
        value, low, high, p = difference(sample, reference, confidence=confidence)
        left = int(planned[point]) - len(sample)
        return Effect(point, float(sample.mean()), value, low, high, p, len(sample), len(reference), left)

    return [effect(point, sample) for point, sample in values.items()]


@dataclass(frozen=True)
class Summary:
    """One point of a study in a line: its mean and its effect, each with its interval, and what it costs."""

    point: str
    seeds: int
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    parameters: float
    seconds: float
    """Of one trial, on average."""


def summary(table: pd.DataFrame) -> list[Summary]:
    """Every point with a complete cell among the comparable ones, in the table's order."""
    cells = complete(comparable(table))
    known = {effect.point: effect for effect in effects(table)} if (cells["point"] == BASELINE).any() else {}
    rows = []
    for point, group in cells.groupby("point", sort=False):
        interval = mean_interval(group[objective(table)].to_numpy(float))
        effect = known.get(str(point))
        change = (effect.difference, effect.low, effect.high) if effect else (np.nan, np.nan, np.nan)
        cost = (float(group["parameters"].mean()), float(group["seconds"].mean()))
        rows.append(Summary(str(point), len(group), *interval, *change, *cost))
    return rows
