"""Reads the fidelity, the baseline and the factors of a search-space file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from study.errors import SearchSpaceError
from study.space import rules
from study.space.factor import Factor, Range
from study.space.hints import did_you_mean, hint, short, some
from study.space.toml_table import Table
from study.task import Fidelity, Level, Setting, Task, defaults, describe

_MOST = {"epochs": 1_000_000, "train_examples": 10**9, "validation_examples": 10**9}
"""The highest numbers of a budget. A task that tells how many examples it has allows no more of these."""


def read_fidelity(table: Table, baseline: Table, task: Task) -> Fidelity:
    """Read the budget of a trial. `train_examples` may also be given in the baseline, as the level of a factor."""
    if "train_examples" in baseline and "train_examples" in table:
        baseline.pop("train_examples")
        baseline.complain("train_examples", "is given in [fidelity] too; give it once")
    values = {}
    for name, default in vars(task.fidelity).items():
        source = baseline if name == "train_examples" and name in baseline else table
        values[name] = source.take(name, rules.whole(1, _most(name, task.fidelity)), default)
    table.refuse_rest(list(values))
    return Fidelity(**values)


def _most(name: str, fidelity: Fidelity) -> int:
    number: int | None = None if name == "epochs" else getattr(fidelity, name)
    return _MOST[name] if number is None else number


def read_baseline(table: Table, task: Task) -> dict[str, Level]:
    """Read a level for every setting of the task. A setting that is absent or wrong gets its default."""
    baseline = defaults(task)
    for name, value in table.items():
        setting = task.settings.get(name)
        if setting is None:
            _unknown(table, name, "setting", task)
        elif problem := setting.problem(value):
            table.refuse(name, problem, value, among=setting.allowed)
        else:
            baseline[name] = setting.level(value)
    return baseline


def read_factors(table: Table, task: Task) -> list[Factor]:
    """Read the factors. Returns only those that are right. The table records the problems of the others."""
    most = _most("train_examples", task.fidelity)
    examples = Setting(most, low=1, high=most)
    settings = {**task.settings, "train_examples": examples}
    factors = []
    for name, value in table.items():
        if name not in settings:
            _unknown(table, name, "factor", task)
        elif isinstance(value, list):
            factors.append(_levels(table, name, value, settings[name]))
        elif isinstance(value, dict):
            factors.append(_factor(table, name, value, settings))
        else:
            table.refuse(name, "must be a list of levels or a range", value)
    return [factor for factor in factors if factor is not None]


def _unknown(table: Table, name: str, what: str, task: Task) -> None:
    elsewhere = rules.ELSEWHERE.get(name)
    end = hint(name, (*task.settings, "train_examples")) if elsewhere is None else f"; {elsewhere}"
    table.complain(name, f"no such {what} in task {task.name!r}{end}")


def _factor(table: Table, name: str, values: dict[str, Any], settings: Mapping[str, Setting]) -> Factor | None:
    """Read a factor whose table gives a range, or levels with a condition. Returns None if it is wrong."""
    inner, setting = table.inner(name, values), settings[name]
    when = _condition(inner, settings)
    if "levels" in inner:
        levels = inner.take("levels", rules.LEVELS)
        inner.refuse_rest(("levels", "when"))
        factor = None if levels is None else _levels(table, name, levels, setting)
    elif setting.allowed:
        allowed = ", ".join(map(describe, setting.allowed))
        table.complain(name, f"must be a list of levels, not a range; it may be {allowed}")
        factor = None
    else:
        factor = _range(table, name, inner, setting)
    return None if factor is None else replace(factor, when=when)


def _condition(table: Table, settings: Mapping[str, Setting]) -> dict[str, tuple[Level, ...]]:
    """Read the condition of a factor: the levels of other factors at which it exists."""
    inner = table.take_table("when", rules.WHEN)
    when: dict[str, tuple[Level, ...]] = {}
    for other, value in inner.items():
        levels = value if isinstance(value, list) else [value]
        if other not in settings:
            inner.complain(other, f"no such factor{hint(other, settings)}")
        elif not levels:
            inner.complain(other, "must name a level, or several")
        elif wrong := [(level, problem) for level in levels if (problem := settings[other].problem(level))]:
            level, problem = wrong[0]
            inner.refuse(other, problem, level, among=settings[other].allowed)
        else:
            when[other] = tuple(map(settings[other].level, levels))
    return when


def _levels(table: Table, name: str, levels: Sequence[Any], setting: Setting) -> Factor | None:
    """Returns a factor with these levels, or None if one is wrong. Levels that break the same rule make one problem."""
    wrong: dict[str, list[Any]] = {}
    for level in levels:
        if problem := setting.problem(level):
            wrong.setdefault(problem, []).append(level)
    for problem, values in wrong.items():
        near = did_you_mean(values[0], setting.allowed)
        table.complain(name, f"{problem}, not {some(list(map(short, values)))}{near}")
    if wrong:
        return None
    return _made(table, name, lambda: Factor(name, tuple(map(setting.level, levels)), setting.allowed))


def _range(table: Table, name: str, inner: Table, setting: Setting) -> Factor | None:
    ends = {end: _end(inner, end, setting) for end in ("low", "high")}
    log = inner.take("log", rules.FLAG, False)
    step = inner.take("step", rules.POSITIVE, None)
    inner.refuse_rest(("low", "high", "log", "step", "when"))
    if inner.is_wrong:
        return None
    return _made(table, name, lambda: Factor(name, Range(**ends, log=log, step=step)))


def _end(table: Table, end: str, setting: Setting) -> Any:
    """Read one end of a range. Returns None if it is missing or wrong."""
    value = table.pop(end)
    if value is None:
        table.complain(end, "is missing; a range goes from low to high")
    elif problem := setting.problem(value):
        table.refuse(end, problem, value)
    else:
        return setting.level(value)
    return None


def _made(table: Table, name: str, make: Callable[[], Factor]) -> Factor | None:
    try:
        return make()
    except SearchSpaceError as error:
        table.complain(name, str(error))
        return None
