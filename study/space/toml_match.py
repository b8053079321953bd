"""Reads the table `[match]` of a search-space file, and has a level chosen for each point."""

from collections.abc import Iterator
from dataclasses import replace

from study.errors import Problem, TaskError
from study.space import rules
from study.space.constraint import SIZES
from study.space.design import Kind
from study.space.hints import hint
from study.space.match import Match
from study.space.matched_points import MatchedPoints
from study.space.nearest_size import Fit
from study.space.search_space import SearchSpace
from study.space.toml_table import Table
from study.space.trial import BASELINE
from study.task import Task, describe

_ROUNDING = 1e-9
"""98 of 100 is within 0.02, whatever the last bit says."""


def read_match(table: Table) -> Match | None:
    """Read what makes points equally large. Returns None if the file does not say it, or says it wrong."""
    values = table.take("match", rules.MATCH, None)
    if values is None:
        return None
    inner = table.inner("match", values)
    setting = inner.take("with", rules.SETTING)
    by, within = inner.take("by", rules.MATCHED, SIZES[0]), inner.take("within", rules.WITHIN, 0.02)
    inner.refuse_rest(("with", "by", "within"))
    return None if inner.is_wrong else Match(setting, by, within)


def match_problems(match: Match, task: Task, factors: list[str], kind: Kind | None) -> Iterator[Problem]:
    """Check that a setting of the task can be chosen for each point."""
    name, key = match.setting, "match.with"
    setting = task.settings.get(name)
    if setting is None:
        yield Problem(key, f"no such setting in task {task.name!r}{hint(name, task.settings)}")
    elif isinstance(setting.default, bool) or not isinstance(setting.default, int):
        yield Problem(key, f"must be a setting of whole numbers, not {name!r}, which is {describe(setting.default)}")
    if name in factors:
        yield Problem(key, f"{name!r} is a factor, so it cannot be chosen for each point; take it out of [factors]")
    if kind == "sweep":
        text = "is not for sweeps, whose points are not known beforehand; bound their size by `constraints`"
        yield Problem("match", text)


def matched(space: SearchSpace, match: Match, problems: list[Problem]) -> SearchSpace:
    """Returns the study with a level chosen for each point. What cannot be matched is added to `problems`."""
    try:
        fits = MatchedPoints(space, match).fits()
    except TaskError as error:
        problems.append(Problem("match", str(error)))
        return space
    target = fits[BASELINE].size
    for point, fit in fits.items():
        if abs(fit.size - target) > match.within * target * (1 + _ROUNDING):
            problems.append(Problem("match", _unmatched(point, fit, match, target)))
    levels = {point: fit.level for point, fit in fits.items() if point != BASELINE}
    sizes = {point: int(fit.size) for point, fit in fits.items()}
    return replace(space, match=replace(match, levels=levels, sizes=sizes))


def _unmatched(point: str, fit: Fit, match: Match, target: float) -> str:
    off = f"{100 * (fit.size / target - 1):+.1f} %"
    return (
        f"{point} cannot be as large as the baseline, which has {target:,.0f} {match.by}: the nearest is "
        f"{fit.size:,.0f} at {match.setting} = {fit.level}, {off}, not within {100 * match.within:g} %; "
        "allow more with `within`, or leave this level out"
    )
