"""The trials of a study by cell, as Optuna's study has them at one moment."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from study.errors import StoreError
from study.ledger.cell import Cell, Phase, Trial, state_after
from study.space.search_space import SearchSpace
from study.space.trial import WITH_CURVE, CellState, TrialConfig, TrialResult
from study.sweep.tried_point import SEED

CHECKS = "checks"
"""The part of a stored result that says which cell's it is, by the key, and the SHA-256 of the cell's curve."""
Planned = tuple[TrialConfig, Phase]
"""A cell that the study has, and the phase that asks for it."""


@dataclass(frozen=True)
class History:
    """The trials of each cell by the cell's key. Cells and trials are in the order of their start."""

    space: SearchSpace
    trials: Mapping[str, Sequence[FrozenTrial]]
    forgiven: int = 0
    """Failures of trials with a smaller number do not count."""

    @classmethod
    def of(cls, study: optuna.Study, space: SearchSpace, *, forgiven: int) -> "History":
        """Read all trials of Optuna's study."""
        trials: dict[str, list[FrozenTrial]] = defaultdict(list)
        for trial in study.get_trials(deepcopy=False):
            trials[trial.user_attrs["cell"]["key"]].append(trial)
        return cls(space, dict(trials), forgiven)

    def __contains__(self, key: object) -> bool:
        return key in self.trials

    @cached_property
    def baseline(self) -> TrialConfig:
        """The baseline with the seed of a search."""
        return self.space.config({}, seed=SEED)

    def last(self, config: TrialConfig) -> FrozenTrial:
        """Returns the last trial of a cell. The cell must have a trial."""
        return self.trials[config.key][-1]

    def cell(self, planned: Planned, *, alive: bool) -> Cell:
        """Returns a cell with its state. `alive` says whether unfinished trials still have a launcher."""
        config, phase = planned
        point = config.delta(self.baseline)
        if not (trials := self.trials.get(config.key)):
            return Cell(config, point, phase)
        failures = sum(trial.number >= self.forgiven and _failed(trial) for trial in trials)
        last = result_of(trials[-1]) if "result" in trials[-1].user_attrs else None
        state: CellState
        if last is None:
            state = "running" if alive and not trials[-1].state.is_finished() else "missing"
        else:
            state = state_after(last.state, failures=failures, retries=self.space.max_retries)
        number, begun = trials[-1].number, trials[-1].datetime_start
        return Cell(config, point, phase, state, number, failures, last, begun)

    def known_curve(self, key: str) -> str:
        """Returns the SHA-256 of a cell's curve; empty if nobody knows it, or if the cell has no curve that counts."""
        result = self.trials[key][-1].user_attrs.get("result") if key in self.trials else None
        if result is None or result["state"] not in WITH_CURVE:
            return ""
        return str(result.get(CHECKS, {}).get("curve", ""))

    def finished(self) -> Iterator[tuple[Trial, FrozenTrial]]:
        """Yields every trial that has a result, retries included, cell by cell."""
        for trials in self.trials.values():
            for trial in trials:
                if "result" in trial.user_attrs:
                    yield self._trial(trial), trial

    def is_last(self, trial: FrozenTrial) -> bool:
        """Whether a trial is the last one of its cell."""
        return trial is self.trials[trial.user_attrs["cell"]["key"]][-1]

    def _trial(self, trial: FrozenTrial) -> Trial:
        cell = trial.user_attrs["cell"]
        config = self.space.config(cell["point"], seed=cell["seed"])
        origin = trial.user_attrs.get("drawn", "")
        return Trial(trial.number, config, config.delta(self.baseline), cell["phase"], origin)


def result_of(trial: FrozenTrial) -> TrialResult:
    """Returns the result of a trial, without its curve. The trial must have a result.

    Raises StoreError if it is the result of another cell.
    """
    return TrialResult(**{name: part for name, part in _stored(trial).items() if name != CHECKS})


def _failed(trial: FrozenTrial) -> bool:
    # Without the rest of the result, because a large store is asked this for every trial.
    return "result" in trial.user_attrs and _stored(trial)["state"] == "failed"


def _stored(trial: FrozenTrial) -> Mapping[str, Any]:
    stored: Mapping[str, Any] = trial.user_attrs["result"]
    cell, made_for = trial.user_attrs["cell"]["key"], stored.get(CHECKS, {}).get("key", "")
    if made_for not in ("", cell):
        raise StoreError(f"trial {trial.number} has the result of cell {made_for[:12]}…, but is one of {cell[:12]}…")
    return stored
