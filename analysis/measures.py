"""How the article's claims are measured in a study's table, and what each measurement says of its claim."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis import article
from analysis.words import digits
from study.inference import cell_table as tidy
from study.inference import conclusions, intervals
from study.inference.columns import metric_name
from study.inference.comparisons import ERROR
from study.inference.intervals import Difference, Interval
from study.inference.mixture import apart

Verdict = Literal["confirmed", "contradicted", "undecided", "confounded", ""]


@dataclass(frozen=True)
class Found:
    """A measurement in words, and its verdict on the claim at the study's fidelity; empty where it has none."""

    text: str
    verdict: Verdict = ""


Measure = Callable[[pd.DataFrame], Iterator[Found]]
"""What a study's table says of a claim; nothing where the study does not vary it."""


def value(*, reaches: float | None = None, **levels: str) -> Measure:
    """The objective at these levels, and whether its interval lies above what it should reach, or below."""

    def measure(table: pd.DataFrame) -> Iterator[Found]:
        if len(cells := _cells(table, levels)):
            values = _values(cells)
            interval = intervals.mean_interval(values)
            text = f"{_point(levels)}: {metric(table)} {_mean(interval)}, n = {len(values)}"
            yield Found(text, _reached(table, interval, reaches))

    return measure


def contrast(factor: str, against: str, *, to: Sequence[str] = ()) -> Measure:
    """The difference that a level of the factor makes against another one, any level or one of those in `to`.

    The claim is that it is better.
    """

    def measure(table: pd.DataFrame) -> Iterator[Found]:
        for level in to or [level for level in _levels(table, factor) if level != against]:
            said = f"{factor} {level} instead of {against}"
            yield from _compared(table, {factor: level}, {factor: against}, said, _better)

    return measure


def across(place: str, factor: str, level: str, against: str) -> Measure:
    """The difference between two levels of a factor at each level of another one: no verdict, for it is no claim."""

    def measure(table: pd.DataFrame) -> Iterator[Found]:
        for where in ({place: there} for there in _levels(table, place)):
            said = f"at {_point(where)}, {factor} {level} instead of {against}"
            yield from _compared(table, {factor: level, **where}, {factor: against, **where}, said, _unjudged)

    return measure


def replacement(levels: Mapping[str, str], *, of: Mapping[str, str]) -> Measure:
    """What these levels do in the place of others; confirmed where not worse by more than the study's margin."""
    return lambda table: _compared(table, levels, of, f"{_point(levels)} instead of {_point(of)}", _kept)


def best(*, reaches: float | None = None, **levels: str) -> Measure:
    """The best point at these levels that a search confirmed, and whether it reaches that, else whether it gains."""

    def measure(table: pd.DataFrame) -> Iterator[Found]:
        if "phase" not in table or not (table["phase"] == "confirm").any():
            return
        standing, effects = article.standing(table), conclusions.effects(table)
        if fit := [e for e in effects if levels.items() <= {**standing, **tidy.changed(e.point)}.items()]:
            top = max(fit, key=lambda effect: tidy.declared(table).sign * effect.mean)
            values = tidy.complete(tidy.comparable(table)).groupby("point")[tidy.objective(table)].get_group(top.point)
            # The best of several: its p allows for that; its mean is still too good.
            change = Difference(top.difference, top.low, top.high, top.adjusted)
            interval = intervals.mean_interval(values)
            text = f"best confirmed, {top.point}: {metric(table)} {_mean(interval)}, {_change(change)} to the baseline"
            verdict = _gained(table, change) if reaches is None else _reached(table, interval, reaches)
            if reaches is None and top.verdict == "confounded":
                verdict = "confounded"
            yield Found(f"{text}, n = {top.seeds} and {top.baseline_seeds}", verdict)

    return measure


def both(*measures: Measure) -> Measure:
    """One measurement after the other."""
    return lambda table: (found for measure in measures for found in measure(table))


def reader(table: pd.DataFrame) -> Iterator[Found]:
    """What the rule-based reader reads of codes like the study's; a clean one it must get."""
    if (share := article.measured(table)) is not None:
        clean = float(article.standing(table)["damage"]) == 0
        verdict: Verdict = "" if not clean else "confirmed" if share == 1 else "contradicted"
        yield Found(f"the reader: {metric(table)} {share:.3f} of {article.COUNT} codes", verdict)


def metric(table: pd.DataFrame) -> str:
    """The objective's name."""
    return metric_name(tidy.objective(table))


def _reached(table: pd.DataFrame, interval: Interval, aim: float | None) -> Verdict:
    if aim is None or metric(table) != article.METRIC:
        return ""
    if interval.low >= aim:
        return "confirmed"
    return "contradicted" if interval.high < aim else "undecided"


def _gained(table: pd.DataFrame, change: Difference) -> Verdict:
    if not change.p < ERROR:
        return "undecided"
    return "confirmed" if change.value * tidy.declared(table).sign > 0 else "contradicted"


def _better(table: pd.DataFrame, ours: "np.ndarray", theirs: "np.ndarray") -> Verdict:
    return _gained(table, intervals.difference(ours, theirs))


def _kept(table: pd.DataFrame, ours: "np.ndarray", theirs: "np.ndarray") -> Verdict:
    declared = tidy.declared(table)
    one_sided, two_sided = (intervals.difference(ours, theirs, confidence=c) for c in (1 - 2 * ERROR, 1 - ERROR))
    worst = min(declared.sign * end for end in (one_sided.low, one_sided.high))
    best = max(declared.sign * end for end in (two_sided.low, two_sided.high))
    least = -(declared.margin or 0)
    # As by the margin in `study effects`: that little is lost is shown one-sided.
    return "confirmed" if worst >= least else "contradicted" if best < least else "undecided"


def _unjudged(table: pd.DataFrame, ours: "np.ndarray", theirs: "np.ndarray") -> Verdict:
    return ""


def _cells(table: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
    """The cells that count at these levels."""
    return tidy.complete(tidy.at(table, levels, standing=article.standing(table)))


def _values(cells: pd.DataFrame) -> "np.ndarray":
    return cells[tidy.objective(cells)].to_numpy(float)


def _compared(
    table: pd.DataFrame,
    levels: Mapping[str, str],
    against: Mapping[str, str],
    said: str,
    judge: Callable[[pd.DataFrame, "np.ndarray", "np.ndarray"], Verdict],
) -> Iterator[Found]:
    """The difference between the means at two places, where the study has both."""
    ours, theirs = _cells(table, levels), _cells(table, against)
    if len(ours) and len(theirs):
        change = intervals.difference(_values(ours), _values(theirs))
        verdict = "confounded" if apart(ours, theirs) else judge(table, _values(ours), _values(theirs))
        yield Found(f"{said}: {_change(change)}, n = {len(ours)} and {len(theirs)}", verdict)


def _levels(table: pd.DataFrame, factor: str) -> list[str]:
    """The levels of a factor in this study, the baseline's among them; numbers in their order."""
    changes = map(tidy.changed, table["point"].unique())
    levels = {change[factor] for change in changes if factor in change} | {article.standing(table)[factor]}
    return sorted(levels, key=lambda level: (float(level), "") if level.isdecimal() else (np.inf, level))


def _mean(interval: Interval) -> str:
    spec = digits([interval.mean])
    ends = f" ({interval.low:{spec}} to {interval.high:{spec}})" if np.isfinite(interval.low) else ""
    return f"{interval.mean:{spec}}{ends}".replace("-", "−")


def _change(change: Difference) -> str:
    spec = "+" + digits([change.value])
    ends = f" ({change.low:{spec}} to {change.high:{spec}})" if np.isfinite(change.low) else ""
    return f"{change.value:{spec}}{ends}".replace("-", "−")


def _point(levels: Mapping[str, str]) -> str:
    return " ".join(f"{factor}={level}" for factor, level in levels.items())
