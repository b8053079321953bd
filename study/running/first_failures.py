"""Failures before the first epoch are held back until it is known whether all cells fail in this way.

If a task cannot be imported, makes no data, or builds no model, no retry can mend that. The run then ends, and no cell
has lost a try. A failure of one point alone counts as always.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from study.engines.engine import Built, Epoch
from study.ledger.cell import Trial, lacking_objective
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult

_NUMBER = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_PLACE = re.compile(r"[^\s()]+, line \d+")
_DEATH_BY_CODE = re.compile(r"the worker died \((?:exit status|killed by SIG(?:SEGV|ABRT|BUS|FPE|ILL))")
"""A worker that died in this way was killed by code that it ran, and not by the system or by a person."""


class Stage(IntEnum):
    """How far a trial has come."""

    STARTED = 0
    BUILT = 1
    TRAINED = 2
    """It has finished an epoch."""


@dataclass(frozen=True)
class HeldFailure:
    """A failure that is not recorded yet."""

    trial: Trial
    result: TrialResult
    stage: Stage
    lacks_objective: bool = False

    @cached_property
    def pattern(self) -> str:
        """The reason without its numbers."""
        return _NUMBER.sub("0", self.result.reason)

    @cached_property
    def origin(self) -> str:
        """The exception's type and the place in the user's code; empty if the reason names no place."""
        places = _PLACE.findall(self.result.reason)
        return f"{self.result.reason.partition(':')[0]} {places[-1]}" if places else ""

    def is_like(self, other: "HeldFailure") -> bool:
        """Whether both seem to have one cause: the same origin, or the same reason apart from numbers."""
        return self.pattern == other.pattern or (self.origin == other.origin and bool(self.origin))


class FirstFailures:
    """The failures that are held back, and what the study's trials have shown so far."""

    def __init__(self, space: SearchSpace, counts: Counter[str]) -> None:
        self._space = space
        self._baseline = space.config({}, seed=0)
        worked = any(counts[state] for state in ("complete", "pruned", "diverged"))
        self._reached = Stage.TRAINED if worked else Stage.STARTED
        """How far any trial of the study has come."""
        self._has_objective = worked
        """Whether any trial of the study reports the objective."""
        self._stages: dict[int, Stage] = {}
        self._lacking: dict[int, str] = {}
        """Trials whose model will not report the objective, each with the reason."""
        self._held: list[HeldFailure] = []
        self._cause: HeldFailure | None = None

    def built(self, message: Built) -> bool:
        """Note that a trial has built its model. Returns False if the model will never report an objective."""
        self._reach(message.trial, Stage.BUILT)
        known = message.metrics and not self._space.refusal(message.size)
        reason = lacking_objective(self._space, message.metrics) if known else ""
        if reason:
            self._lacking[message.trial] = reason
        elif message.metrics:
            self._has_objective = True
        return not reason

    def epoch(self, message: Epoch) -> None:
        """Note that a trial has finished an epoch."""
        self._reach(message.trial, Stage.TRAINED)
        if not lacking_objective(self._space, message.metrics):
            self._has_objective = True

    def ended(self, trial: Trial, result: TrialResult) -> TrialResult | None:
        """Returns the result of a trial as it shall be recorded, or None if the result is held back for now."""
        stage = self._stages.pop(trial.number, Stage.STARTED)
        reason = self._lacking.pop(trial.number, "")
        if result.state == "complete" and not self._space.refusal(vars(result)):
            reason = lacking_objective(self._space, result.metrics)
        if reason and result.state in ("complete", "refused"):
            result = replace(result, state="failed", reason=reason)
            failure = HeldFailure(trial, result, stage, lacks_objective=True)
        elif result.state == "failed" and stage < Stage.TRAINED and _is_by_code(result):
            failure = HeldFailure(trial, result, stage)
        else:
            return result
        if self._is_its_own(failure):
            return result
        if failure.lacks_objective or any(self._is_general(failure, earlier) for earlier in self._held):
            self._cause = failure
        self._held.append(failure)
        return None

    @property
    def cause(self) -> HeldFailure | None:
        """A failure that shows that every cell will fail; None if nothing shows that."""
        return self._cause if self._cause in self._held else None

    def take_own(self) -> list[HeldFailure]:
        """Returns the failures that count after all, because another trial came further. They are held no longer."""
        own = [failure for failure in self._held if self._is_its_own(failure)]
        self._held = [failure for failure in self._held if failure not in own]
        return own

    def take_all(self) -> list[HeldFailure]:
        """Returns every failure that is held back. None is held any longer."""
        taken, self._held = self._held, []
        return taken

    def let_all_count(self) -> None:
        """From now on every failure is its own cell's."""
        self._reached, self._has_objective = Stage.TRAINED, True

    def _reach(self, trial: int, stage: Stage) -> None:
        self._stages[trial] = stage
        self._reached = max(self._reached, stage)

    def _is_its_own(self, failure: HeldFailure) -> bool:
        """Whether another trial came further than this one, so that not every cell fails in this way."""
        return self._has_objective if failure.lacks_objective else failure.stage < self._reached

    def _is_general(self, failure: HeldFailure, earlier: HeldFailure) -> bool:
        """Whether two failures are alike although their cells share nothing that is not shared by all cells."""
        one, other = failure.trial.config, earlier.trial.config
        if not failure.is_like(earlier):
            return False
        # Two points with the same change from the baseline may fail because of this change.
        common = one.changes(self._baseline).items() & other.changes(self._baseline).items()
        return failure.trial.point != earlier.trial.point and not common


def _is_by_code(result: TrialResult) -> bool:
    """Whether a trial failed because of the code that it ran. Memory, disk and time depend on the machine."""
    return result.failure in ("", "exception") or bool(_DEATH_BY_CODE.match(result.reason))
