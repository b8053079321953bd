"""The trials at which a check tries a task: the baseline, and each other level of each setting or factor alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from study.space.factor import Factor, Range
from study.space.function_settings import BATCH_SIZE, PRECISION
from study.space.function_task import FunctionTask
from study.space.search_space import SearchSpace
from study.space.task_call import names
from study.space.task_loading import absolute_reference, load_task, task_of
from study.space.toml_file import read
from study.space.trial import TrialConfig
from study.task import Level, Setting, Task, defaults, same

_MOST_TIMES = 100
"""How many times its default a bound of a whole number may be. A network of a million units says little."""


@dataclass(frozen=True)
class TriedLevels:
    """A task, the trial at its baseline, and a trial for each other level."""

    task: Task
    baseline: TrialConfig
    others: tuple[TrialConfig, ...]
    objectives: tuple[str, ...] = ()
    """The metrics that the study asks for; empty if only a task is tried."""


def tried_levels(name: str) -> TriedLevels:
    """Returns what is tried of a study's file, or of a task by its name: `digits.py`, `package.module:task`.

    Raises SearchSpaceError or TaskError if it cannot be read.
    """
    if name.endswith(".toml"):
        space = read(Path(name))
        others = tuple(space.config(changes, seed=0) for changes in _of_space(space))
        metrics = tuple(objective.metric for objective in space.objectives)
        return TriedLevels(task_of(space), space.config({}, seed=0), others, metrics)
    task = load_task(name, folder=Path())
    standard = defaults(task)
    baseline = TrialConfig(
        task=task.name,
        task_version=task.version,
        settings=standard,
        defaults=standard,
        fidelity=task.fidelity,
        seed=0,
        reference=absolute_reference(name, folder=Path()),
    )
    changed = [replace(baseline, settings={**standard, **changes}) for changes in _of_task(task)]
    return TriedLevels(task, baseline, tuple(changed))


def _of_task(task: Task) -> Iterator[dict[str, Level]]:
    """Yields each choice or bound of each setting. Where a setting acts `only` at levels of others, these come too."""
    for name, setting in task.settings.items():
        if name in (BATCH_SIZE, PRECISION) and not _names(task, name):
            continue
        needed = {
            other: levels[0]
            for other, levels in setting.only.items()
            if not any(same(task.settings[other].default, level) for level in levels)
        }
        for level in setting.allowed or _bounds(setting):
            if not same(level, setting.default):
                yield {**needed, name: level}


def _names(task: Task, setting: str) -> bool:
    """Whether the author of a task has written rules for a setting that a file of functions has without any."""
    return not isinstance(task, FunctionTask) or any(setting in names(task, function) for function in task.signatures)


def _bounds(setting: Setting) -> Iterator[Level]:
    default = setting.default
    for bound in (setting.low, setting.high):
        too_large = isinstance(default, int) and bound > _MOST_TIMES * max(default, 1)
        if math.isfinite(bound) and not too_large:
            yield setting.level(bound)


def _of_space(space: SearchSpace) -> Iterator[dict[str, Level]]:
    """Yields each level of each factor, with the levels of others at which the factor exists."""
    standard = space.config({}, seed=0).levels()
    for factor in space.factors:
        needed = {
            other: levels[0]
            for other, levels in factor.when.items()
            if not any(same(standard[other], level) for level in levels)
        }
        for level in _ends(factor):
            if not same(level, standard[factor.name]):
                yield {**needed, factor.name: level}


def _ends(factor: Factor) -> tuple[Level, ...]:
    return (factor.levels.low, factor.levels.high) if isinstance(factor.levels, Range) else factor.levels
