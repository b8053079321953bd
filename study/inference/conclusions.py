"""What each change to the baseline does, and what may be concluded: the rule of `comparisons` on a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from study.errors import InferenceError
from study.inference.cell_table import Declared, comparable, complete, declared, objective
from study.inference.comparisons import ERROR, Comparisons, compare, moments
from study.inference.intervals import mean_interval
from study.inference.mixture import confounded
from study.inference.multiplicity import Array
from study.inference.power import deciding
from study.space.search_space import Method
from study.space.trial import BASELINE

Verdict = Literal["helps", "hurts", "no difference", "undecided", "confounded"]
"""Confounded: of some part of its environment, as its device, the variant shares nothing with the baseline."""


HOW: Mapping[Method, str] = {
    "welch": "Welch's t, because variances may differ",
    "paired": "Student's t of the pairs that share a seed, as declared",
    "equal_variances": "Student's t with one variance for all points, as declared (Dunnett)",
}
"""What a difference's interval and p are by, in words."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one change does: a variant's mean objective against the baseline's; NaN where nothing can be told."""

    point: str
    mean: float
    difference: float
    """Of the means; in pairs, the mean of their differences."""
    low: float
    high: float
    """Of its own 95 % interval."""
    joint_low: float
    joint_high: float
    """Of its interval that holds together with those of all other variants."""
    p: float
    """For this comparison alone."""
    adjusted: float
    """The p that allows for the number of variants."""
    verdict: Verdict
    within: bool
    """Whether it was shown to be smaller than the margin, whatever the verdict."""
    deciding: float
    """Seeds a point that would decide what is undecided; infinite beyond a thousand."""
    seeds: int
    """Complete cells of the variant."""
    baseline_seeds: int
    tested: int
    """Those that the comparison uses: where pairs are compared, the pairs."""
    left_out: int
    """Cells of the variant that are not in its mean."""

    def __post_init__(self) -> None:
        if min(self.seeds, self.baseline_seeds) < 1:
            raise ValueError(f"An effect needs a complete cell at the variant and at the baseline: {self}.")
        if self.low > self.difference or self.difference > self.high:
            raise ValueError(f"The difference lies outside its own interval: {self}.")


def effects(table: pd.DataFrame) -> list[Effect]:
    """Every variant with a complete cell against the baseline, of the comparable cells, in the table's order."""
    said = declared(table)
    points, values = sample(table, method=said.method)
    found = compare(values, method=said.method)
    columns, seeds_needed = _columns(found, said), deciding(found, margin=said.margin).tolist()
    numbers = np.isfinite(values).sum(-1).tolist()
    pairs = np.isfinite(values[1:] - values[:1]).sum(-1).tolist()
    tested = pairs if said.method == "paired" else numbers[1:]
    planned, apart = comparable(table)["point"].value_counts(), confounded(table)
    verdicts = map(partial(_verdict, said=said), columns["difference"], columns["adjusted"], columns["within"])
    return [
        Effect(
            point=point,
            mean=float(np.nanmean(values[place])),
            verdict="confounded" if point in apart else verdict,
            seeds=numbers[place],
            baseline_seeds=numbers[0],
            tested=tested[turn],
            deciding=max(seeds_needed[turn], tested[turn] + 1),
            left_out=int(planned[point]) - numbers[place],
            **{name: column[turn] for name, column in columns.items()},
        )
        for turn, (place, point, verdict) in enumerate(zip(range(1, len(points)), points[1:], verdicts, strict=True))
    ]


def sample(table: pd.DataFrame, *, method: Method) -> tuple[list[str], Array]:
    """The points with a complete cell, the baseline first, and the objective as [point, seed], NaN where there is none.

    In pairs a column is a seed; else values only have to be of the same point.
    """
    cells = complete(comparable(table))
    known = set(cells["point"])
    if BASELINE not in known:
        raise InferenceError("no cell of the baseline is complete: there is nothing to compare with")
    if method == "paired" and cells.duplicated(["point", "seed"]).any():
        raise InferenceError("some point has a seed twice, so its pairs with the baseline cannot be told")
    order = [BASELINE, *(str(point) for point in table["point"].unique() if point in known - {BASELINE})]
    column = cells["seed"] if method == "paired" else cells.groupby("point").cumcount()
    wide = cells.assign(column=column).pivot(index="point", columns="column", values=objective(table))
    return order, wide.loc[order].to_numpy(float)


def spread(table: pd.DataFrame) -> float | None:
    """The standard deviation of a point's seeds, pooled over points; where pairs are compared, of their differences.

    None where no two cells tell of it, or the baseline has none.
    """
    method = declared(table).method
    if complete(comparable(table))["point"].ne(BASELINE).all():
        return None
    values = sample(table, method=method)[1]
    count, _, variance = moments(values[1:] - values[:1] if method == "paired" else values)
    freedom = np.maximum(count - 1, 0)
    pooled = np.where(count > 1, freedom * variance, 0).sum() / max(freedom.sum(), 1)
    return float(np.sqrt(pooled)) if pooled > 0 else None


def _columns(found: Comparisons, said: Declared) -> dict[str, list[Any]]:
    """What is known of every effect, by the names of its fields."""
    (low, high), (joint_low, joint_high) = found.interval(), found.interval(found.level)
    margin = 0.0 if said.margin is None else said.margin
    columns = {
        "difference": found.value,
        "low": low,
        "high": high,
        "joint_low": joint_low,
        "joint_high": joint_high,
        "p": found.p,
        "adjusted": found.adjusted,
        "within": found.equivalence(margin) < ERROR,
    }
    return {name: column.tolist() for name, column in columns.items()}


def _verdict(difference: float, adjusted: float, within: bool, said: Declared) -> Verdict:
    if adjusted < ERROR:
        return "helps" if said.sign * difference > 0 else "hurts"
    return "no difference" if within else "undecided"


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
    return list(_summaries(table))


def _summaries(table: pd.DataFrame) -> Iterator[Summary]:
    cells = complete(comparable(table))
    known = {effect.point: effect for effect in effects(table)} if (cells["point"] == BASELINE).any() else {}
    for point, group in cells.groupby("point", sort=False):
        interval = mean_interval(group[objective(table)].to_numpy(float))
        effect = known.get(str(point))
        change = (effect.difference, effect.low, effect.high) if effect else (np.nan, np.nan, np.nan)
        cost = (float(group["parameters"].mean()), float(group["seconds"].mean()))
        yield Summary(str(point), len(group), *interval, *change, *cost)
