"""A study's plan as people read it: a table of its models, and lines about time, disk and what it can find."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from study.inference.expected_trials import ExpectedTrials
from study.ledger import store
from study.ledger.codes import code_notes
from study.ledger.ledger import Ledger
from study.running.detectable_effect import cells_to_expect, detectable_effect, ledger_so_far, smallest_effect
from study.running.plan import Model, Plan, make_plan
from study.running.remaining import Remaining, remaining, time_in_words
from study.running.resources import default_workers
from study.space.hints import some
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.terminal import duration, large_number

COLUMNS = ("model", "parameters", "FLOPs", "a trial")


@dataclass(frozen=True)
class PlannedStudy:
    """What a study will cost, and which effects it can find."""

    plan: Plan
    detectable: float | None
    """The smallest effect, in standard deviations over seeds, that is found with 80 % probability; None if none is."""
    notes: tuple[str, ...]
    """Lines about the effects that the study can find, and about code that was changed since its cells ran."""
    left: Remaining | None = None
    """What is left of the study; None if it has not begun."""
    expected: Sequence[ExpectedTrials] = ()
    """How many cells a study with looks will probably need, by the size of the effects. Empty if it declares none."""

    @property
    def hours(self) -> float | None:
        """The hours that all cells take on this machine; None if no model could be timed."""
        return self.plan.hours

    @property
    def table(self) -> pd.DataFrame:
        """A row for each model: its point, its size, the seconds of one trial, and how many points train it."""
        return pd.DataFrame(self._models())

    def rows(self) -> list[tuple[str, ...]]:
        """Returns the table as texts, under COLUMNS."""
        return [
            (model.label, _count(model.parameters), large_number(model.flops), _time(model))
            for model in self.plan.models
        ]

    def lines(self) -> list[str]:
        """Returns the lines below the table."""
        plan = self.plan
        hours = time_in_words(plan.hours)
        estimated = any(not model.measured for model in plan.models)
        return [
            *(["~ not measured, but estimated from FLOPs"] if estimated else []),
            f"{'at most ' if self.expected else ''}{plan.cells:,} cells on {plan.workers} workers: {hours}, "
            f"{plan.disk / 1e6:,.1f} MB on disk",
            *([str(self.left)] if self.left else []),
            *([self._faster(*plan.faster)] if plan.faster else []),
            *([f"not built, because a minute was over: {some(plan.untried)}"] if plan.untried else []),
            *(f"{point}: refused: {reason}" for point, reason in plan.refused.items()),
            *self.notes,
        ]

    def _faster(self, precision: str, times: float) -> str:
        first = self.plan.models[0].label
        return f'[baseline] precision = "{precision}" would train {first} {times:.1f} times as fast here'

    def to_json(self) -> dict[str, Any]:
        """Returns plain values."""
        plan = self.plan
        return {
            "study": plan.study,
            "cells": plan.cells,
            "models": self._models(),
            "hours": plan.hours,
            "workers": plan.workers,
            "disk": plan.disk,
            **({"faster": {"precision": plan.faster[0], "times": plan.faster[1]}} if plan.faster else {}),
            **({"untried": list(plan.untried)} if plan.untried else {}),
            **({"refused": dict(plan.refused)} if plan.refused else {}),
            **({"left": {"cells": self.left.cells, "hours": self.left.hours}} if self.left else {}),
            **({"expected": [one._asdict() for one in self.expected]} if self.expected else {}),
            "detectable": self.detectable,
        }

    def _models(self) -> list[dict[str, Any]]:
        values = (vars(model) for model in self.plan.models)
        return [{**model, "estimated": not model["measured"]} for model in values]

    def __repr__(self) -> str:
        return "\n".join([self._texts().to_string(index=False), *self.lines()])

    def _repr_html_(self) -> str:
        below = (f"<p>{html.escape(line)}</p>" for line in self.lines())
        return "".join([self._texts().to_html(index=False, border=0), *below])

    def _texts(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows(), columns=list(COLUMNS))


def plan_study(
    space: SearchSpace, folder: Path, *, threads: int = 1, workers: int | None = None, say: Callable[[str], None]
) -> PlannedStudy:
    """Build the study's models on its data, and time as many as a minute allows. `folder` is the store.

    `say` gets a line if the data take long to make. Raises ProblemsError if some cells can never succeed.
    """
    plan = make_plan(space, threads=threads, workers=workers or default_workers(threads), say=say)
    smallest = smallest_effect(space)
    expected, line = cells_to_expect(space, folder)
    notes = (*filter(None, [line]), detectable_effect(space, folder), *_code_notes(space, folder))
    ledger = ledger_so_far(space, folder)
    left = remaining(ledger, plan) if ledger else None
    return PlannedStudy(plan, smallest if math.isfinite(smallest) else None, notes, left, expected)


def _code_notes(space: SearchSpace, folder: Path) -> list[str]:
    if space.name not in store.names(folder):
        return []
    ledger = Ledger.read(folder, space.name)
    return list(code_notes(ledger.codes, code_of(space), ledger.cells_by_code))


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _time(model: Model) -> str:
    if model.seconds is None:
        return ""
    return ("" if model.measured else "~") + duration(model.seconds)
