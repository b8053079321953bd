"""Replays searches on a table of results: ours, with the same code as a sweep, and plain Optuna's."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from study.space.design import Design, Pruner, Sampler
from study.space.factor import Factor, Range
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.sweep.pruner import SearchPruner
from study.sweep.sampler import suggest
from study.sweep.tried_point import SEED, Suggestion, TriedPoint
from study.task import Level, Settings

optuna.logging.set_verbosity(optuna.logging.WARNING)

WITHIN = 0.01
"""How close to the best value of the table a search must get."""


@dataclass(frozen=True)
class Results:
    """Every cell of a grid on one seed: its objective after each epoch."""

    space: SearchSpace
    curves: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, file: Path, table: Path) -> "Results":
        """Read the results of a grid's file from a table that `study export --epochs` wrote."""
        space = read(file)
        metric, curves = f"metric.{space.objective.metric}", dict[str, list[float]]()
        with table.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                curves.setdefault(row["key"], []).append(space.objective.sign * float(row[metric]))
        if missing := {cell.key for cell in listed_cells(space)} - {
            key for key, curve in curves.items() if len(curve) == space.fidelity.epochs
        }:
            raise SystemExit(f"{table}: {len(missing)} of the cells of {file} are missing or have too few epochs")
        return cls(space, curves)

    @property
    def levels(self) -> dict[str, tuple[Level, ...]]:
        """Returns the levels of each factor."""
        return {factor.name: _listed(factor) for factor in self.space.factors}

    @property
    def goal(self) -> float:
        """Returns the value that a trial must reach in its last epoch."""
        return max(curve[-1] for curve in self.curves.values()) - WITHIN

    def curve(self, point: Settings) -> Sequence[float]:
        """Returns the values of a trial at this point, one for each epoch."""
        return self.curves[self.space.config(point, seed=SEED).key]


def _listed(factor: Factor) -> tuple[Level, ...]:
    assert not isinstance(factor.levels, Range)
    return factor.levels


@dataclass
class Spent:
    """The cost of a search so far, and whether it has reached its goal."""

    trials: int = 0
    epochs: int = 0
    found: bool = False


def ours(results: Results, sampler: Sampler, pruner: Pruner, *, seed: int) -> Spent:
    """Run a sweep with one worker, starting at the baseline. Only the store is left out."""
    how = Design("sweep", seed, len(results.curves), sampler, pruner)
    # The values of the table already have the sign with which more is better.
    space = replace(results.space, design=how, objectives=(replace(results.space.objective, direction="maximize"),))
    spent, tried, seen, search_pruner = Spent(), list[TriedPoint](), set[str](), SearchPruner(space, ())
    suggestion: Suggestion | None = Suggestion(space.config({}, seed=SEED))
    while suggestion is not None and not spent.found:
        tried.append(_run(suggestion, results.curves[suggestion.config.key], search_pruner))
        seen.add(suggestion.config.key)
        search_pruner.finish(tried[-1])
        spent.trials += 1
        spent.epochs += len(tried[-1].curve)
        spent.found = tried[-1].state == TrialState.COMPLETE and tried[-1].curve[len(tried[-1].curve)] >= results.goal
        suggestion = suggest(space, tried, excluded=seen)
    return spent


def _run(suggestion: Suggestion, curve: Sequence[float], search_pruner: SearchPruner) -> TriedPoint:
    search_pruner.start(suggestion.config.key)
    seen: dict[int, float] = {}
    for epoch, value in enumerate(curve, start=1):
        seen[epoch] = value
        if not search_pruner.goes_on(suggestion.config.key, epoch, value) and epoch < len(curve):
            return TriedPoint(suggestion, TrialState.PRUNED, curve=seen)
    return TriedPoint(suggestion, TrialState.COMPLETE, (value,), seen)


def optunas(results: Results, *, seed: int) -> Spent:
    """Run plain Optuna as in its tutorial: `optimize` with its default sampler and pruner."""
    spent = Spent()

    def objective(trial: optuna.Trial) -> float:
        point: dict[str, Any] = {
            name: trial.suggest_categorical(name, levels) for name, levels in results.levels.items()
        }
        spent.trials += 1
        for epoch, value in enumerate(curve := results.curve(point), start=1):
            spent.epochs += 1
            trial.report(value, step=epoch)
            if trial.should_prune() and epoch < len(curve):
                raise optuna.TrialPruned
        spent.found = value >= results.goal
        if spent.found:
            trial.study.stop()
        return value

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=len(results.curves))
    return spent
