"""What a study shows: means, effects and their intervals, as pure functions of the tidy table.

Only complete cells are ever averaged; `left_out` counts the others, so that whatever is printed or drawn can say so.
"""

import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from study.errors import StudyError
from study.space import Objective, front

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# SciPy's statistics take most of a second to import: only what computes an interval pays for them.

CONFIDENCE = 0.95
BASELINE = "baseline"
COSTS = ("parameters", "flops", "seconds")
_DIGIT = re.compile(r"metric\.val_digit_(\d+)_acc")
UNFINISHED = ("running", "pruned", "refused", "diverged", "failed", "missing", "unmeasured")
"""Why a cell is not averaged, in the order of reports; unmeasured is complete, but without the objective."""


class InferenceError(StudyError):
    """A table that does not hold what a conclusion needs."""


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


def objective(table: pd.DataFrame) -> str:
    """The column of the objective's final values; InferenceError where the table has none, or several."""
    names = list(table["objective"].dropna().unique())
    if len(names) != 1:
        raise InferenceError(f"one study has one objective, this table has {len(names)}: {', '.join(map(str, names))}")
    column = f"metric.{names[0]}"
    if column not in table:
        raise InferenceError(f"the objective is {names[0]}, but there is no column {column}")
    return column


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """The cells that count: those that ran to their end and have a finite objective."""
    return table[_counts(table)]


def left_out(table: pd.DataFrame) -> dict[str, int]:
    """How many cells no mean contains, by why; empty where every cell counts."""
    states = table.loc[~_counts(table), "state"].replace("complete", "unmeasured").value_counts()
    # A state that is not in the list comes from a file of someone's own; it is counted all the same.
    return {state: int(states[state]) for state in dict.fromkeys([*UNFINISHED, *states.index]) if state in states}


def _counts(table: pd.DataFrame) -> "pd.Series[bool]":
    # A study of which nothing has run yet has no columns of metrics: then nothing counts.
    if not (table["state"] == "complete").any():
        return pd.Series(False, index=table.index)
    return (table["state"] == "complete") & np.isfinite(table[objective(table)].astype(float))


def means(table: pd.DataFrame, *, by: Sequence[str], confidence: float = CONFIDENCE) -> pd.DataFrame:
    """A row for each combination of the columns `by`: mean, low and high of the objective, and n, its cells."""
    return _summary(complete(table), objective(table), by=by, confidence=confidence)


def curves(epochs: pd.DataFrame, *, metric: str, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """A row for each point and epoch of an epochs table: mean, low and high of the metric, and n, its whole curves."""
    column = f"metric.{metric}"
    whole = epochs[whole_curves(epochs, metric=metric)]
    return _summary(whole, column, by=["point", "epoch"], confidence=confidence)


def whole_curves(epochs: pd.DataFrame, *, metric: str) -> "pd.Series[bool]":
    """For each row, whether its cell reached the last epoch that any reached, with a finite value of the metric."""
    arrived = (epochs["epoch"] == epochs["epoch"].max()) & np.isfinite(epochs[f"metric.{metric}"].astype(float))
    return epochs["key"].isin(set(epochs.loc[arrived, "key"]))


def _summary(rows: pd.DataFrame, column: str, *, by: Sequence[str], confidence: float) -> pd.DataFrame:
    summaries = [
        (*group, *mean_interval(values, confidence=confidence), len(values))
        for group, values in rows.groupby(list(by), sort=False)[column]
    ]
    return pd.DataFrame(summaries, columns=[*by, "mean", "low", "high", "n"])


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """The cells whose means may be compared: all; but of a search with confirmation only what confirms."""
    # A search's values are what chose its best points: averaged in, they would make these look better than they are.
    confirming = table["phase"] == "confirm" if "phase" in table else pd.Series(False, index=table.index)
    return table[confirming] if confirming.any() else table


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


def pareto(table: pd.DataFrame, objectives: Sequence[Objective]) -> list[str]:
    """The Pareto front of the points, by means over comparable cells; the best by the first objective first."""
    names = [name if (name := f"metric.{o.metric}") in table else o.metric for o in objectives]
    means = complete(comparable(table)).groupby("point", sort=False)[names].mean()
    means = means.iloc[front(means.to_numpy().tolist(), objectives)]
    best = means.sort_values(names[0], ascending=objectives[0].direction == "minimize")
    return [str(point) for point in best.index]


def changed(point: str) -> dict[str, str]:
    """What a point changes, factor → level, by its name, as `conv_depth=2 pooling=flatten`; the baseline nothing."""
    if point == BASELINE:
        return {}
    # A level may contain spaces, so a change ends only where the next one begins.
    pairs = (part.partition("=") for part in re.split(r" (?=\w+=)", point))
    return {factor: level for factor, _, level in pairs}


def at(table: pd.DataFrame, levels: Mapping[str, str], *, standing: Mapping[str, str]) -> pd.DataFrame:
    """The comparable cells at these levels with everything else at the baseline, complete or not.

    `standing` is the baseline's level of every setting; levels are given as points' names write them.
    """

    def fits(point: str) -> bool:
        change = changed(point)
        return change.keys() <= levels.keys() and levels.items() <= {**standing, **change}.items()

    cells = comparable(table)
    return cells[[fits(point) for point in cells["point"]]]


def varied(table: pd.DataFrame) -> list[str]:
    """The factors that some point changes, in the order of their columns."""
    touched = {factor for point in table["point"].unique() for factor in changed(point)}
    columns = [str(column) for column in table.columns]
    return [name for name in (c.removeprefix("level.") for c in columns if c.startswith("level.")) if name in touched]


def around_baseline(table: pd.DataFrame, factors: Collection[str]) -> pd.DataFrame:
    """The cells in which nothing but these factors differs from the baseline, the baseline's own among them."""
    return table[[changed(point).keys() <= set(factors) for point in table["point"]]]


def isolated(table: pd.DataFrame, factor: str) -> bool:
    """Whether every level of the factor was tried with everything else at the baseline; a search does not do so."""
    if "phase" in table and (table["phase"] == "search").any():
        return False
    column = f"level.{factor}"
    return set(table[column].dropna()) == set(around_baseline(table, [factor])[column].dropna())


def crossed(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The pairs of factors varied together: some point changes just the two, and half of their table is filled."""
    return [pair for pair in combinations(varied(table), 2) if _is_crossed(table, pair)]


def _is_crossed(table: pd.DataFrame, pair: tuple[str, str]) -> bool:
    cells = around_baseline(table, pair)
    columns = [f"level.{factor}" for factor in pair]
    size = cells[columns[0]].nunique() * cells[columns[1]].nunique()
    together = any(len(changed(point)) == 2 for point in cells["point"].unique())
    return together and 2 * len(cells[columns].drop_duplicates()) >= size


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


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """A row a comparable point: the mean of the objective with its interval, and what a cell of it costs on average."""
    cells = complete(comparable(table))
    known = [name for name in COSTS if name in cells and cells[name].notna().any()]
    return means(cells, by=["point"]).join(cells.groupby("point")[known].mean(), on="point")


def worth(points: pd.DataFrame, *, cost: str, sign: int) -> "pd.Series[bool]":
    """Which rows of `costs` are worth this cost: no other is as good for as little, and better in one of the two."""
    value = sign * points["mean"]

    def beaten(mean: float, price: float) -> bool:
        as_good = (value >= mean) & (points[cost] <= price)
        return bool((as_good & ((value > mean) | (points[cost] < price))).any())

    worth = [not beaten(*pair) for pair in zip(value, points[cost], strict=True)]
    return pd.Series(worth, index=points.index, dtype=bool) & points[cost].notna()


def searched(table: pd.DataFrame) -> pd.DataFrame:
    """A search's own cells in the order in which it began them: `trial` from 1, `value`, and `best` so far."""
    cells = table[table["phase"] == "search"] if "phase" in table else table.head(0)
    value = cells[objective(table)].astype(float)
    known = value.where(_counts(cells))
    best = (known.cummax() if (cells["direction"] == "maximize").all() else known.cummin()).ffill()
    return cells.assign(trial=range(1, len(cells) + 1), value=value, best=best)


def digits(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each position of each comparable cell that counts: `value`, the share of digits read right there."""
    cells = complete(comparable(table))
    places = {str(column): int(found[1]) for column in cells if (found := _DIGIT.fullmatch(str(column)))}
    if not places:
        raise InferenceError("no column metric.val_digit_1_acc: the task does not count each digit on its own")
    long = cells.melt(["point", "key", "seed"], list(places), var_name="position", value_name="value")
    return long.assign(position=long["position"].map(places)).dropna(subset=["value"])


def digit_means(digits: pd.DataFrame) -> pd.DataFrame:
    """A row for each point and position of `digits`: mean, low and high of the share read right, and n, its cells."""
    return _summary(digits, "value", by=["point", "position"], confidence=CONFIDENCE)
