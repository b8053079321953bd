"""One point of a study taken apart: the file of an ablation whose baseline is that point.

Each factor by which the point differs from a goal is set to the goal's level by itself. If the goal is the baseline,
each change is put back; if the goal is the best point, these are the first steps of a path to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from study.errors import SearchSpaceError, StudyError
from study.space.declared_keys import declared_keys
from study.space.design import Design
from study.space.factor import Factor
from study.space.points import Point
from study.space.refused_points import refusals
from study.space.search_space import SearchSpace
from study.space.surgery import Surgery
from study.space.task_loading import load_task
from study.space.toml_file import read_document
from study.space.toml_text import toml_text
from study.space.trial import label
from study.task import Level, same

LOOKS = (5, 8, 12, 20)
"""The seeds of an undecided change at each look."""


@dataclass(frozen=True)
class TakenApart:
    """A point taken apart."""

    space: SearchSpace
    """The ablation, as its file declares it."""
    text: str
    """The content of its file."""
    left_out: Mapping[str, str]
    """The reason for each change that cannot be made by itself, by the change."""


@dataclass(frozen=True)
class Changes:
    """What leads from one point of a study to another one, each change by itself."""

    alone: Mapping[str, tuple[Level, Level]]
    """The levels at the first and at the second point of each factor that may be changed by itself."""
    left_out: Mapping[str, str]
    """The reason why each other change cannot be made by itself, by the change."""


def changes_alone(space: SearchSpace, start: Point, goal: Point) -> Changes:
    """Returns what leads from one point to another. Points are given as their changes from the study's baseline."""
    task = load_task(space.reference, folder=Path())
    first, second = (space.config(point, seed=0).levels() for point in (start, goal))
    alone: dict[str, tuple[Level, Level]] = {}
    left_out: dict[str, str] = {}
    for name in [name for name in first if not same(first[name], second[name])]:
        changed = _with(start, name, goal)
        if reason := _inexact(name, first[name], second[name]) or _apart(space, changed):
            left_out[label({name: second[name]})] = reason
        elif refused := refusals(task, space.config(changed, seed=0)):
            left_out[label({name: second[name]})] = f"refused: {'; '.join(refused)}"
        else:
            alone[name] = first[name], second[name]
    return Changes(alone, left_out)


def _with(start: Point, name: str, goal: Point) -> Point:
    """Returns a point with one factor as it is at the goal."""
    others = {factor: level for factor, level in start.items() if factor != name}
    return {**others, name: goal[name]} if name in goal else others


def _inexact(name: str, first: Level, second: Level) -> str:
    """Returns why two levels cannot be told apart. Empty if they can."""
    return f"both levels are written {label({name: first})}" if label({name: first}) == label({name: second}) else ""


def _apart(space: SearchSpace, point: Point) -> str:
    """Returns which changes of a point have no effect, because they exist only at other levels. Empty if all have."""
    lost = {name: level for name, level in point.items() if name not in space.existing(point)}
    conditions = {factor.name: factor.when for factor in space.factors}
    return "; ".join(
        f"{label({name: level})} exists only at {_condition(conditions[name])}" for name, level in lost.items()
    )


def _condition(when: Mapping[str, Sequence[Level]]) -> str:
    return ", ".join(" or ".join(label({name: level}) for level in levels) for name, levels in when.items())


def take_apart(
    space: SearchSpace, start: Point, goal: Point, *, name: str, description: str, first_seed: int, folder: Path
) -> TakenApart:
    """Returns the ablation that sets each change from one point to another by itself. Its file lies in this folder.

    Its seeds begin with `first_seed`. Raises StudyError if no change can be made by itself.
    """
    changes = changes_alone(space, start, goal)
    if not changes.alone:
        reasons = "".join(f"; {change}: {reason}" for change, reason in changes.left_out.items())
        raise StudyError(f"{label(start)}: no change to it can be made by itself{reasons}")
    factors = tuple(_factor(space, factor, levels) for factor, levels in changes.alone.items())
    at = space.config(start, seed=0)
    ablation = replace(
        space,
        name=name,
        description=description,
        baseline=at.settings,
        fidelity=at.fidelity,
        factors=factors,
        design=Design("ablation"),
        objectives=space.objectives[:1],
        match=None,  # The point has the level that was chosen for it, which is one of its changes.
        looks=LOOKS,
        seeds=tuple(range(first_seed, first_seed + LOOKS[-1])),
        nuisance=tuple(factor for factor in space.nuisance if factor in changes.alone),
    )
    keys = declared_keys(replace(ablation, **_surgery(ablation)), folder=folder)
    try:
        read = read_document(keys, path=folder / f"{name}.toml")
    except SearchSpaceError as error:
        raise StudyError(f"{label(start)} cannot be taken apart: {error}") from None
    return TakenApart(read, toml_text(keys), changes.left_out)


def _factor(space: SearchSpace, name: str, levels: tuple[Level, Level]) -> Factor:
    return Factor(name, levels, next((factor.choices for factor in space.factors if factor.name == name), ()))


def _surgery(space: SearchSpace) -> dict[str, Any]:
    """Returns the parts of an ablation that hold only the operations of its points."""
    factors = {name: {*_texts(name, space)} for name in space.surgery.factors}
    kept = {
        name: {level: one for level, one in space.surgery.factors[name].items() if level in levels}
        for name, levels in factors.items()
    }
    surgery = Surgery({name: operations for name, operations in kept.items() if operations})
    gone = {name for name in space.surgery.factors if name not in surgery.factors}
    return {
        "surgery": surgery,
        "baseline": {name: level for name, level in space.baseline.items() if name not in gone},
    }


def _texts(name: str, space: SearchSpace) -> Iterator[str]:
    """Yields the levels of a factor that the points of an ablation have."""
    yield str(space.baseline[name])
    for factor in space.factors:
        if factor.name == name and isinstance(factor.levels, tuple):
            yield from map(str, factor.levels)
