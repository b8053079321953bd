"""The greedy path from a study's baseline to its best point, which grows by a step at a time.

Each step is a study of its own, with looks. Which step comes next follows from the store alone, so the same command
goes on after any stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from study.errors import StudyError
from study.inference.path_steps import taken_change
from study.ledger import store
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.points import Point
from study.space.taken_apart import TakenApart, take_apart
from study.space.trial import label
from study.sweep.tried_point import SEED
from study.winner.ablation import WrittenAblation, first_seed, write_apart
from study.winner.choice import unfinished

ENDING = "_path"


def step_name(study: str, number: int) -> str:
    """Returns the name of a step's study. The first step is 1."""
    return f"{study}{ENDING}{number}"


def step_names(root: Path, study: str) -> list[str]:
    """Returns the names of the steps that a store has of a study's path, in their order."""
    names = set(store.names(root))
    found: list[str] = []
    while (name := step_name(study, len(found) + 1)) in names:
        found.append(name)
    return found


@dataclass(frozen=True)
class GreedyPath:
    """How far a path is."""

    taken: Sequence[str]
    """The changes that are made, in the order in which they were taken."""
    waiting: str = ""
    """The step that has missing cells; empty if none has any."""
    missing: int = 0
    written: WrittenAblation | None = None
    """The next step, if it was written now. None if another step waits, or if the path has reached its end."""


def go_on(ledger: Ledger, goal: Point, root: Path, folder: Path) -> GreedyPath:
    """Write the next step of the path from a study's baseline to a point. Its file gets into this folder.

    Raises StudyError if the store has steps to another point, or if no change that is left can be made by itself.
    """
    reached: Point = {}
    steps: list[Ledger] = []
    for name in step_names(root, ledger.space.name):
        step = Ledger.read(root, name)
        _check_step(step, ledger, reached, goal)
        if missing := unfinished(step):
            return GreedyPath(_labels(reached), name, missing)
        steps.append(step)
        reached |= _taken(step, goal)
    if len(reached) == len(goal):
        return GreedyPath(_labels(reached))
    apart = _next_step(ledger, reached, goal, number=len(steps) + 1, folder=folder)
    path = folder / f"{apart.space.name}.toml"
    return GreedyPath(_labels(reached), written=write_apart(apart, path, root, sources=[ledger, *steps]))


def _next_step(ledger: Ledger, reached: Point, goal: Point, *, number: int, folder: Path) -> TakenApart:
    study = ledger.space.name
    return take_apart(
        ledger.space,
        reached,
        goal,
        name=step_name(study, number),
        description=f"Step {number} of the path from the baseline of {study} to {label(goal)}.",
        first_seed=first_seed(ledger.space),
        folder=folder,
    )


def _labels(point: Point) -> list[str]:
    return [label({name: level}) for name, level in point.items()]


def _taken(step: Ledger, goal: Point) -> Point:
    """Returns the change that a complete step takes."""
    taken = taken_change(table(step)).point
    return {name: level for name, level in goal.items() if label({name: level}) == taken}


def _check_step(step: Ledger, ledger: Ledger, reached: Point, goal: Point) -> None:
    """Raise StudyError if a study is no step from the point that was reached towards the goal."""
    left = {name: level for name, level in goal.items() if name not in reached}
    begins_there = step.space.config({}, seed=SEED).key == ledger.space.config(reached, seed=SEED).key
    leads_there = all(factor.name in left and factor.holds(left[factor.name]) for factor in step.space.factors)
    if not (begins_there and leads_there):
        raise StudyError(
            f"{step.folder}: is no step from {label(reached)} to {label(goal)}, but would be the next one by its name; "
            "move this folder away, or give the point that it leads to by --point"
        )
