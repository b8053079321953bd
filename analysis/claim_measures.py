"""How the article's claims are measured in a study's table, and what each measurement says of its claim."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

import numpy as np
import pandas as pd

from analysis import article
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.columns import metric_name
from study.inference.effects import Effect, compute_effects
from study.inference.intervals import Difference, Interval
from study.inference.judgement import Judgement, judge_gain, judge_no_loss, judge_reached, no_loss_p, reached_p
from study.inference.learned import did_not_learn
from study.inference.mixture import disjoint_environments
from study.inference.selection import best_point
from study.inference.verdict_rule import ENOUGH_SEEDS, FEWEST_SEEDS
from study.terminal import Digits

Hedged = Literal["looks confirmed", "looks contradicted"]
ClaimVerdict = Judgement | Hedged | Literal["too few seeds", "confounded", "not tested at this fidelity", ""]
"""What a measurement says of a claim. It is empty if the measurement gives no verdict."""
HEDGED: Mapping[ClaimVerdict, Hedged] = {"confirmed": "looks confirmed", "contradicted": "looks contradicted"}
"""What is said in place of a verdict that rests on fewer than `ENOUGH_SEEDS`."""
Values = np.ndarray


@dataclass(frozen=True)
class Measurement:
    """A measurement in words, and its verdict on the claim at the study's fidelity."""

    text: str
    verdict: ClaimVerdict = ""
    p: float | None = None
    """The p of the verdict for this measurement alone. None if the verdict rests on no test."""


Measure = Callable[[pd.DataFrame], Iterator[Measurement]]
"""Measures a claim in a study's table. Yields nothing if the study does not vary what the claim is about."""
Judged = tuple[ClaimVerdict, float | None]
"""A verdict and its p."""
Judge = Callable[[pd.DataFrame, Values, Values], Judged]


def objective_at(*, reaches: float | None = None, exists: bool = False, **levels: str) -> Measure:
    """Measures the objective at these levels. The claim is that it reaches a value.

    With `exists` the claim is that some network reaches it, which one that does not reach it cannot contradict.
    """

    def measure(table: pd.DataFrame) -> Iterator[Measurement]:
        cells = _cells_at(table, levels)
        if len(values := _values(table, cells)):
            interval = intervals.mean_interval(values, metric=metric(table))
            text = f"{_levels_text(levels)}: {metric(table)} {_mean_text(interval)}, n = {len(values)}"
            judged = _judge_reached(table, values, reaches, levels, exists=exists)
            yield Measurement(text + _learned_text(table, cells), *_allowed(judged, len(values)))

    return measure


def level_difference(factor: str, against: str, *, to: Sequence[str] = (), exists: bool = False) -> Measure:
    """Measures what a level of the factor changes against another level, for each level or for those in `to`.

    The claim is that the change is for the better. With `exists` it is that some such network is enough, so that a loss
    at one of them contradicts nothing.
    """
    judge = _judge_gain_of_some if exists else _judge_gain

    def measure(table: pd.DataFrame) -> Iterator[Measurement]:
        for level in to or [level for level in _levels(table, factor) if level != against]:
            about = f"{factor} {level} instead of {against}"
            yield from _compared(table, {factor: level}, {factor: against}, about=about, judge=judge)

    return measure


def difference_at_each(other: str, *, factor: str, level: str, against: str) -> Measure:
    """Measures the difference between two levels of a factor at each level of another factor. There is no verdict."""

    def measure(table: pd.DataFrame) -> Iterator[Measurement]:
        for other_level in _levels(table, other):
            about = f"at {other}={other_level}, {factor} {level} instead of {against}"
            ours, theirs = ({factor: tried, other: other_level} for tried in (level, against))
            yield from _compared(table, ours, theirs, about=about, judge=_no_verdict)

    return measure


def replacement(levels: Mapping[str, str], *, of: Mapping[str, str]) -> Measure:
    """Measures these levels in place of others. The claim is that they lose no more than the study's margin."""
    about = f"{_levels_text(levels)} instead of {_levels_text(of)}"
    return lambda table: _compared(table, levels, of, about=about, judge=_judge_no_loss)


def best_confirmed(*, reaches: float, exists: bool = False, **levels: str) -> Measure:
    """Measures the best point at these levels that a search confirmed. The claim is that it reaches a value.

    `exists` is as for `objective_at`.
    """

    def measure(table: pd.DataFrame) -> Iterator[Measurement]:
        best = _best(table, levels) if "confirm" in cell_table.search_phases(table) else None
        if best is not None:
            at = {**levels, **changes(table)[best.point]}
            judged = _judge_reached(table, _values_of(table, best.point), reaches, at, exists=exists)
            yield Measurement(_best_text(table, best), *_allowed(judged, best.seeds))

    return measure


def best_of_own_settings(table: pd.DataFrame) -> Iterator[Measurement]:
    """Measures the best point of a study, in a search the best confirmed one.

    The claim is that it is better than the article's own settings. A search around others has no verdict.
    """
    is_theirs = article.is_its_baseline(table)
    phases = cell_table.search_phases(table)
    best = _best(table, {}) if "confirm" in phases or (is_theirs and not phases) else None
    if best is not None and is_theirs:
        yield Measurement(_best_text(table, best), *_allowed(_gain_of_best(table, best), best.fewest_seeds))
    elif best is not None:
        yield Measurement(f"{_best_text(table, best)}; the baseline is not the article's own settings")


def all_of(*measures: Measure) -> Measure:
    """Makes one measurement after the other."""
    return lambda table: (measurement for measure in measures for measurement in measure(table))


def rule_based_reader(table: pd.DataFrame) -> Iterator[Measurement]:
    """Measures what the rule-based reader reads of codes like the study's. The claim is that it reads all of them.

    There is a verdict on undamaged codes only, because no reader can be sure of damaged ones.
    """
    share = article.measured_ceiling(table)
    if share is not None:
        text = f"the reader: {metric(table)} {share:.3f} of {article.COUNT} codes"
        undamaged = float(article.baseline_levels(table)["damage"]) == 0
        yield Measurement(text, ("confirmed" if share == 1 else "contradicted") if undamaged else "")


def metric(table: pd.DataFrame) -> str:
    """Returns the objective's name."""
    return metric_name(cell_table.objective(table))


def _judge_reached(
    table: pd.DataFrame, values: Values, aim: float | None, levels: Mapping[str, str], *, exists: bool
) -> Judged:
    # The article's value is one of its own metric and says nothing of another.
    if aim is None or metric(table) != article.METRIC:
        return "", None
    p = reached_p(values, aim)
    judgement = "undecided" if isnan(p) else judge_reached(intervals.mean_interval(values), aim)
    # A value that is not reached with less than the article's budget says nothing of the claim.
    if judgement != "confirmed" and not article.is_its_budget(_cells_at(table, levels), levels):
        return "not tested at this fidelity", None
    return _of_some(judgement) if exists else judgement, p


def _allowed(judged: Judged, seeds: int) -> Judged:
    """Returns what the smaller number of seeds allows to say. Without a test there is nothing to hedge."""
    verdict, p = judged
    if p is None:
        return judged
    if seeds < FEWEST_SEEDS:
        return "too few seeds", None
    return HEDGED.get(verdict, verdict) if seeds < ENOUGH_SEEDS else verdict, p


def _of_some(judgement: ClaimVerdict) -> ClaimVerdict:
    """Returns the verdict on the claim that there is some such network. One network cannot contradict it."""
    return "undecided" if judgement == "contradicted" else judgement


def _judge_gain(table: pd.DataFrame, ours: Values, theirs: Values) -> Judged:
    change = intervals.difference(ours, theirs)
    return judge_gain(change, sign=cell_table.declared(table).sign), change.p


def _judge_gain_of_some(table: pd.DataFrame, ours: Values, theirs: Values) -> Judged:
    judgement, p = _judge_gain(table, ours, theirs)
    return _of_some(judgement), p


def _judge_no_loss(table: pd.DataFrame, ours: Values, theirs: Values) -> Judged:
    declared = cell_table.declared(table)
    return judge_no_loss(ours, theirs, declared=declared), no_loss_p(ours, theirs, declared=declared)


def _no_verdict(table: pd.DataFrame, ours: Values, theirs: Values) -> Judged:
    return "", None


def _gain_of_best(table: pd.DataFrame, best: Effect) -> Judged:
    if best.verdict == "confounded":
        return "confounded", None
    change = _change_of_best(best)
    return judge_gain(change, sign=cell_table.declared(table).sign), change.p


def _change_of_best(best: Effect) -> Difference:
    """Returns its difference to the baseline. It is the best of several: its p allows for their number."""
    return Difference(best.difference, best.low, best.high, best.adjusted)


def _best_text(table: pd.DataFrame, best: Effect) -> str:
    interval = intervals.mean_interval(_values_of(table, best.point), metric=metric(table))
    measured = f"{metric(table)} {_mean_text(interval)}, {_change_text(_change_of_best(best))} to the baseline"
    confirmed = " confirmed" if "confirm" in cell_table.search_phases(table) else ""
    return f"best{confirmed}, {best.point}: {measured}, n = {best.seeds} and {best.baseline_seeds}"


def _best(table: pd.DataFrame, levels: Mapping[str, str]) -> Effect | None:
    """Returns the best point at these levels, or None if there is none."""
    baseline, sign = article.baseline_levels(table), cell_table.declared(table).sign
    by_point = changes(table)

    def fits(effect: Effect) -> bool:
        return levels.items() <= {**baseline, **by_point[effect.point]}.items()

    effects = {effect.point: effect for effect in filter(fits, compute_effects(table))}
    means = {point: effect.mean for point, effect in effects.items()}
    return effects[best_point(means, sign=sign)] if means else None


def _compared(
    table: pd.DataFrame, levels: Mapping[str, str], against: Mapping[str, str], *, about: str, judge: Judge
) -> Iterator[Measurement]:
    """Yields the difference between the means at two sets of levels. Yields nothing if the study lacks one of them."""
    cells = _cells_at(table, levels), _cells_at(table, against)
    ours, theirs = (_values(table, group) for group in cells)
    if len(ours) and len(theirs):
        text = f"{about}: {_change_text(intervals.difference(ours, theirs))}, n = {len(ours)} and {len(theirs)}"
        judged = ("confounded", None) if disjoint_environments(*cells) else judge(table, ours, theirs)
        yield Measurement(text + _learned_text(table, *cells), *_allowed(judged, min(len(ours), len(theirs))))


def _cells_at(table: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
    """Returns the complete cells at these levels. Every other setting is at the baseline."""
    return cell_table.complete(cell_table.cells_at(table, levels, baseline=article.baseline_levels(table)))


def _values(table: pd.DataFrame, cells: pd.DataFrame) -> Values:
    return cells[cell_table.objective(table)].to_numpy(float)


def _learned_text(table: pd.DataFrame, *groups: pd.DataFrame) -> str:
    """Returns how many seeds of each group learned. Empty if all did, as far as the table tells."""
    failed = did_not_learn(table)
    lost = [int(failed.reindex(cells.index, fill_value=False).sum()) for cells in groups]
    counts = (f"{len(cells) - number} of {len(cells)}" for cells, number in zip(groups, lost, strict=True))
    return f", learned {' and '.join(counts)}" if any(lost) else ""


def _values_of(table: pd.DataFrame, point: str) -> Values:
    cells = cell_table.complete(cell_table.comparable(table))
    return cells.loc[cells["point"] == point, cell_table.objective(table)].to_numpy(float)


def _levels(table: pd.DataFrame, factor: str) -> list[str]:
    """Returns the levels of a factor in this study and at its baseline, numbers first and in order."""
    levels = {change[factor] for change in changes(table).values() if factor in change} | {
        article.baseline_levels(table)[factor]
    }
    return sorted(levels, key=lambda level: (float(level), "") if level.isdecimal() else (np.inf, level))


def _mean_text(interval: Interval) -> str:
    return _with_ends(interval.mean, interval.low, interval.high, signed=False)


def _change_text(change: Difference) -> str:
    return _with_ends(change.value, change.low, change.high, signed=True)


def _with_ends(value: float, low: float, high: float, *, signed: bool) -> str:
    digits = Digits.of([value], halves=[high - value])
    ends = " to ".join(digits.show(end, signed=signed) for end in (low, high)) if np.isfinite(low) else ""
    return digits.show(value, signed=signed) + (f" ({ends})" if ends else "")


def _levels_text(levels: Mapping[str, str]) -> str:
    return " ".join(f"{factor}={level}" for factor, level in levels.items())
