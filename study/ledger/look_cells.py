"""The cells that a study with looks needs so far. They follow from its results alone, so it goes on after any kill."""

from collections.abc import Callable, Sequence
from math import inf, nan
from typing import NamedTuple

from study.space.points import listed_points
from study.space.search_space import SearchSpace
from study.space.trial import UNFINISHED, CellState, TrialConfig


class Outcome(NamedTuple):
    """What a cell that has a trial has come to."""

    state: CellState
    value: float | None = None
    """The objective of a complete cell."""


class LookCells(NamedTuple):
    """How far a study with looks is."""

    configs: Sequence[TrialConfig]
    """The cells of the looks so far, and those that have a trial although no look needs them; seed by seed."""
    lines: Sequence[str]
    """What each look has decided, in words."""


def look_cells(space: SearchSpace, outcome: Callable[[TrialConfig], Outcome | None]) -> LookCells:
    """Returns how far a study with looks is. `outcome` returns None for a cell without a trial."""
    # Here, because statistics take long to load, and a study without looks runs without them.
    from study.inference import look_words, looks

    rows = [[space.config(point, seed=seed) for seed in space.seeds] for point in listed_points(space)]
    outcomes = [[outcome(config) for config in row] for row in rows]
    plan = looks.Plan.of(space)
    values, over = ([[of(one) for one in row] for row in outcomes] for of in (_value, _is_over))
    course = looks.follow(values, over, plan)
    needed = looks.seeds_needed(course, plan)
    configs = [
        row[turn]
        for turn in range(len(space.seeds))
        for row, known, most in zip(rows, outcomes, needed, strict=True)
        if turn < most or known[turn] is not None
    ]
    names = [row[0].delta(space.config({}, seed=0)) for row in rows[1:]]
    return LookCells(configs, look_words.look_lines(names, course, plan))


def _value(outcome: Outcome | None) -> float:
    """Returns the value of a cell as `study.inference.looks` takes it."""
    if outcome is not None and outcome.state == "diverged":
        return inf
    return nan if outcome is None or outcome.value is None else outcome.value


def _is_over(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.state not in UNFINISHED
