"""What each change to the baseline does, and what may be concluded. Applies the rule of `t_tests` to a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from study.inference.cell_table import (
    Declared,
    biased,
    check_baseline,
    comparable,
    complete,
    declared,
    left_out,
    objective,
)
from study.inference.columns import metric_name
from study.inference.intervals import mean_interval
from study.inference.learned import Learned, learned, may_mix
from study.inference.look_table import TableLooks, table_looks
from study.inference.mixture import confounded
from study.inference.multiplicity import Array
from study.inference.permutation import guarded
from study.inference.power import deciding
from study.inference.t_tests import ERROR, Comparisons, compare, moments, rounding
from study.inference.verdict_rule import ENOUGH_SEEDS, Verdict, lost_text, verdict
from study.space.search_space import Method
from study.space.trial import BASELINE

HOW: Mapping[Method, str] = {
    "welch": "Welch's t, because variances may differ",
    "paired": "Student's t of the pairs that share a seed, as declared",
    "equal_variances": "Student's t with one variance for all points, as declared (Dunnett)",
}
"""The method behind a difference's interval and p, in words."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one change does: a variant's mean objective against the baseline's. Unknown numbers are NaN."""

    point: str
    mean: float
    difference: float
    """The difference of the means. If pairs are compared, the mean of their differences."""
    low: float
    high: float
    """The end of the difference's own 95 % interval."""
    joint_low: float
    joint_high: float
    """The end of the 95 % interval that holds for all variants at once."""
    p: float
    """For this comparison alone."""
    adjusted: float
    """The p that allows for the number of variants."""
    verdict: Verdict
    within: bool
    """Whether the difference was shown to be smaller than the margin, whatever the verdict is."""
    deciding: float
    """How many seeds at each point would decide an undecided comparison. Infinite beyond a thousand."""
    seeds: int
    """Complete cells of the variant."""
    baseline_seeds: int
    tested: int
    """Seeds of the variant that the comparison uses. If pairs are compared, the number of pairs."""
    left_out: int
    """Cells of the variant that are not in its mean."""
    lost: str = ""
    """What went wrong with cells of this comparison: `8 of 10 diverged`, `learned 3 of 5`. Empty if nothing did."""
    look: str = ""
    """The look of the verdict, `look 2 of 4`, or how far the looks are. Empty if the study declares none."""

    @property
    def fewest_seeds(self) -> int:
        """The smaller number of seeds of the two points, or the number of pairs. The verdict rests on it."""
        return min(self.tested, self.baseline_seeds)

    def __post_init__(self) -> None:
        if min(self.seeds, self.baseline_seeds) < 1:
            raise ValueError(f"An effect needs a complete cell at the variant and at the baseline: {self}.")
        if self.low > self.difference or self.difference > self.high:
            raise ValueError(f"The difference lies outside its own interval: {self}.")


def compute_effects(table: pd.DataFrame) -> list[Effect]:
    """Returns the effect of every variant that has a complete comparable cell, in the table's order."""
    rule = declared(table)
    points, values = sample(table, method=rule.method)
    comparisons, looks = compare(values, method=rule.method), table_looks(table)
    if looks is None:
        comparisons = guarded(comparisons, values, method=rule.method)
    columns, needed = _columns(comparisons, rule, looks), deciding(comparisons, margin=rule.margin).tolist()
    columns |= looks.columns(points[1:]) if looks else {}
    said = {} if looks is None else looks.verdicts
    numbers = np.isfinite(values).sum(-1).tolist()
    pairs = np.isfinite(values[1:] - values[:1]).sum(-1).tolist()
    tested = pairs if rule.method == "paired" else numbers[1:]
    shares = {one.point: one for one in learned(table)}
    planned, apart, lost = comparable(table)["point"].value_counts(), confounded(table), _lost(table, shares)
    # A mean over seeds that learned and seeds that did not is never shown to be no different.
    mixed = may_mix(table)
    columns["within"] = [
        within and not mixed & {BASELINE, point} for within, point in zip(columns["within"], points[1:], strict=True)
    ]
    return [
        Effect(
            point=point,
            mean=float(np.nanmean(values[row])),
            verdict="confounded"
            if point in apart
            else said.get(point) or _verdict(columns, row - 1, rule, min(tested[row - 1], numbers[0])),
            seeds=numbers[row],
            baseline_seeds=numbers[0],
            tested=tested[row - 1],
            deciding=_at_least(needed[row - 1], tested[row - 1], numbers[row], numbers[0]),
            left_out=int(planned[point]) - numbers[row],
            lost=lost[point],
            look=looks.texts[point] if looks else "",
            **{name: column[row - 1] for name, column in columns.items()},
        )
        for row, point in enumerate(points[1:], start=1)
    ]


def _verdict(columns: Mapping[str, list[Any]], turn: int, rule: Declared, seeds: int) -> Verdict:
    gain, adjusted, within = (columns[name][turn] for name in ("difference", "adjusted", "within"))
    return verdict(rule.sign * gain, found=adjusted < ERROR, within=within, seeds=seeds)


def _at_least(needed: float, tested: int, *present: int) -> float:
    """Returns the seeds that decide: more than were tested, no fewer than a point has, and enough for a verdict."""
    return max(needed, tested + 1, *present, ENOUGH_SEEDS)


def _lost(table: pd.DataFrame, shares: Mapping[str, Learned]) -> dict[str, str]:
    """Returns for each variant which of its own and of the baseline's cells went wrong, in words."""
    cells = comparable(table)
    planned, bad = cells["point"].value_counts(), biased(cells)
    counts = {str(point): left_out(group) for point, group in bad.groupby("point", sort=False)}
    texts = {str(point): lost_text(counts.get(str(point), {}), of=int(planned[point])) for point in planned.index}
    for point, one in shares.items():
        texts[point] = ", ".join(filter(None, (texts[point], one.text if one.learned < one.seeds else "")))
    baseline = f"baseline {texts[BASELINE]}" if texts.get(BASELINE) else ""
    return {point: ", ".join(filter(None, (text, baseline))) for point, text in texts.items()}


def sample(table: pd.DataFrame, *, method: Method) -> tuple[list[str], Array]:
    """Returns the points with a complete cell, the baseline first, and their objective as [point, seed].

    A missing value is NaN. If pairs are compared, a column is a seed. Else the order within a row means nothing.
    """
    cells = complete(comparable(table))
    check_baseline(table, cells)
    variants = set(cells["point"]) - {BASELINE}
    order = [BASELINE, *(str(point) for point in table["point"].unique() if point in variants)]
    column = cells["seed"] if method == "paired" else cells.groupby("point").cumcount()
    wide = cells.assign(column=column).pivot(index="point", columns="column", values=objective(table))
    return order, wide.loc[order].to_numpy(float)


def spread(table: pd.DataFrame) -> float | None:
    """Returns the standard deviation of a point's seeds, or with pairs of their differences. Pooled over points.

    None if no point has two complete cells that differ, or if the baseline has no complete cell.
    """
    method = declared(table).method
    if complete(comparable(table))["point"].ne(BASELINE).all():
        return None
    values = sample(table, method=method)[1]
    count, _, variance = moments(values[1:] - values[:1] if method == "paired" else values, rounding(values))
    freedom = np.maximum(count - 1, 0)
    pooled = np.where(count > 1, freedom * variance, 0).sum() / max(freedom.sum(), 1)
    return float(np.sqrt(pooled)) if pooled > 0 else None


def _columns(comparisons: Comparisons, rule: Declared, looks: TableLooks | None) -> dict[str, list[Any]]:
    """Returns the numbers of all effects, by the names of the fields of `Effect`.

    With looks, an interval misses as seldom as this look may err, so that the intervals of all looks hold together.
    """
    error = ERROR if looks is None else ERROR * looks.share
    low, high = comparisons.interval(error)
    joint_low, joint_high = comparisons.interval(comparisons.level_of(error))
    margin = 0.0 if rule.margin is None else rule.margin
    columns = {
        "difference": comparisons.value,
        "low": low,
        "high": high,
        "joint_low": joint_low,
        "joint_high": joint_high,
        "p": comparisons.p,
        "adjusted": comparisons.adjusted,
        "within": comparisons.equivalence(margin) < ERROR,
    }
    return {name: column.tolist() for name, column in columns.items()}


@dataclass(frozen=True)
class Summary:
    """A line about one point of a study: its mean and its effect, each with its interval, and its cost."""

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
    """The mean over its trials."""


def summary(table: pd.DataFrame) -> list[Summary]:
    """Returns a line for every point with a complete comparable cell, in the table's order."""
    return list(_summaries(table))


def _summaries(table: pd.DataFrame) -> Iterator[Summary]:
    cells, column = complete(comparable(table)), objective(table)
    by_point = {effect.point: effect for effect in compute_effects(table)} if (cells["point"] == BASELINE).any() else {}
    for point, group in cells.groupby("point", sort=False):
        interval = mean_interval(group[column].to_numpy(float), metric=metric_name(column))
        effect = by_point.get(str(point))
        change = (effect.difference, effect.low, effect.high) if effect else (np.nan, np.nan, np.nan)
        cost = (float(group["parameters"].mean()), float(group["seconds"].mean()))
        yield Summary(str(point), len(group), *interval, *change, *cost)
