"""The greedy path from a baseline to a better point: at each step the change that gains most (Fawcett and Hoos 2016).

Each step is an ablation of its own: its baseline is the point that the path has reached, and its variants are the
changes that are left. The step's interval is the one that holds for all of its variants at once, because the change
that gained most was chosen among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from study.errors import InferenceError
from study.inference import cell_table
from study.inference.changes import Changes, changes, from_label
from study.inference.effects import Effect, compute_effects
from study.space.trial import UNFINISHED


@dataclass(frozen=True)
class PathStep:
    """One step of a path."""

    study: str
    change: Mapping[str, str]
    """What the step changes: a factor, and its level as labels have it."""
    effect: Effect
    """What the change does at this place of the path."""
    others: Sequence[Effect]
    """What the changes do that were tried at this step and not taken."""


def taken_change(table: pd.DataFrame) -> Effect:
    """Returns the effect of the change that gains most of the objective. Of equal ones it is the first.

    Raises InferenceError if no change has a complete cell.
    """
    effects = compute_effects(table)
    if not effects:
        raise InferenceError(f"{_study(table)}: no change has a complete cell, so the path cannot go on")
    sign = cell_table.declared(table).sign
    return max(effects, key=lambda effect: sign * effect.difference)


def path_steps(tables: Sequence[pd.DataFrame]) -> list[PathStep]:
    """Returns the steps of a path, given the table of each step in their order.

    Raises InferenceError if a step has unfinished cells, or does not begin where the step before it ended.
    """
    for table in tables:
        _check_finished(table)
    steps = [_step(table) for table in tables]
    for before, table, step in zip(tables, tables[1:], steps, strict=False):
        _check_follows(before, step, table)
    return steps


def _step(table: pd.DataFrame) -> PathStep:
    taken, by_point = taken_change(table), changes(table)
    change = by_point[taken.point]
    if len(change) != 1:
        raise InferenceError(f"{_study(table)}: a step of a path changes one factor, not {taken.point}")
    others = [effect for effect in compute_effects(table) if effect.point != taken.point]
    return PathStep(_study(table), change, taken, others)


def _check_finished(table: pd.DataFrame) -> None:
    if missing := int(table["state"].isin(UNFINISHED).sum()):
        raise InferenceError(f"{_study(table)}: {missing} cells are missing; `study run` runs them")


def _check_follows(before: pd.DataFrame, step: PathStep, table: pd.DataFrame) -> None:
    """Raises InferenceError if a table's baseline is not the point at which the step before it ended."""
    (factor, level), *_ = step.change.items()
    first, second = _baseline(before), _baseline(table)
    # A level that is the task's own is not named. The budget, which `train_examples` belongs to, is no setting.
    named = factor == "train_examples" or second.pop(factor, level) == level
    first.pop(factor, None)
    if not named or first != second:
        raise InferenceError(
            f"{_study(table)} does not go on where {step.study} ended, which is its baseline with {step.effect.point}; "
            "give the steps in their order"
        )


def _baseline(table: pd.DataFrame) -> Changes:
    """Returns what the table's baseline changes of the task's own settings. An old export does not say it."""
    return from_label(str(table["baseline"].iloc[0])) if "baseline" in table else {}


def _study(table: pd.DataFrame) -> str:
    return str(table["study"].iloc[0])
