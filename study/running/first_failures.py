"""Failures before the first epoch are held back until it is known whether all cells fail in this way.

If a task cannot be imported, makes no data, or builds no model, no retry can mend that. The run then ends, and no cell
has lost a try. The same holds if the environment breaks later, for example the GPU. A failure of one point alone counts
as always.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from study.engines.engine import Built, Epoch
from study.engines.worker_death import is_death_by_code
from study.ledger.cell import Trial, lacking_objective
from study.space.search_space import SearchSpace
from study.space.trial import WITH_CURVE, TrialConfig, TrialResult

_NUMBER = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_PLACE = re.compile(r"[^\s()]+, line \d+")


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
    after: int = 0
    """How many trials had been started when it failed."""

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
    """The failures that are held back, and what the study's trials have shown so far.

    Before any trial of the study has trained, two failures that are alike show that every cell will fail. After that
    they are only suspicious, because two levels may be wrong in the same way. A cell that has trained before then
    decides: it runs again up to the point where the others failed.
    """

    def __init__(self, space: SearchSpace, counts: Counter[str]) -> None:
        self._space = space
        self._baseline = space.config({}, seed=0)
        self._worked = any(counts[state] for state in WITH_CURVE)
        """Whether any trial of the study has finished an epoch."""
        self._has_objective = self._worked
        """Whether any trial of the study reports the objective."""
        self._all_count = False
        self._numbers: dict[int, int] = {}
        """The position of each trial in the order of their start."""
        self._stages: dict[int, Stage] = {}
        self._last = dict.fromkeys(Stage, -1)
        """For each stage, the position of the trial that was started last of those that reached it."""
        self._lacking: dict[int, str] = {}
        """Trials whose model will not report the objective, each with the reason."""
        self._held: list[HeldFailure] = []
        self._cleared: list[HeldFailure] = []
        """Failures that are known to be their cells' own, so that another one like them is, too."""
        self._suspicious: HeldFailure | None = None
        self._cause: HeldFailure | None = None
        self.known: TrialConfig | None = None
        """A cell that has trained in this run, from its beginning to its end; None if there is none so far."""

    def started(self, trial: Trial) -> None:
        """Note that a trial was given to a worker."""
        self._numbers[trial.number] = len(self._numbers)

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
        if result.state in WITH_CURVE:  # Not every trial function reports its epochs.
            self._reach(trial.number, Stage.TRAINED)
            del self._stages[trial.number]
            self.known = trial.config
        if result.state == "complete" and not self._space.refusal(vars(result)):
            reason = lacking_objective(self._space, result.metrics)
        if reason and result.state in ("complete", "refused"):
            result = replace(result, state="failed", reason=reason)
            failure = HeldFailure(trial, result, stage, lacks_objective=True)
        elif result.state == "failed" and stage < Stage.TRAINED and self._may_be_general(result):
            failure = HeldFailure(trial, result, stage, after=len(self._numbers))
        else:
            return result
        if self._is_its_own(failure):
            return result
        if failure.lacks_objective or any(self._is_general(failure, earlier) for earlier in self._held):
            self._suspect(failure)
        self._held.append(failure)
        return None

    @property
    def cause(self) -> HeldFailure | None:
        """A failure that shows that every cell will fail; None if nothing shows that."""
        if self._cause in self._held:
            return self._cause
        return None if self._worked else self.suspicious

    @property
    def suspicious(self) -> HeldFailure | None:
        """A failure that is like that of another point; None if there is none."""
        return self._suspicious if self._suspicious in self._held else None

    @property
    def undecided(self) -> HeldFailure | None:
        """The one that came furthest of the failures that a cell that has trained before may judge."""
        judged = [failure for failure in self._held if not failure.lacks_objective] if self._worked else []
        return max(judged, key=lambda failure: failure.stage, default=None)

    def clear(self) -> None:
        """Note that a cell that has trained before still does: what is held back is each cell's own."""
        self._cleared += self._held

    def blame(self) -> None:
        """Note that a cell that has trained before fails now, too: what is held back is no cell's own."""
        self._cause = self.undecided

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
        self._all_count = self._has_objective = True

    def _reach(self, trial: int, stage: Stage) -> None:
        self._stages[trial] = stage
        self._last[stage] = max(self._last[stage], self._numbers[trial])
        self._worked |= stage == Stage.TRAINED

    def _may_be_general(self, result: TrialResult) -> bool:
        """Whether other cells may fail in this way. Only a cell that has trained shows whether memory is lacking."""
        return _is_by_code(result) or (result.failure == "memory" and self._worked)

    def _suspect(self, failure: HeldFailure) -> None:
        if failure.lacks_objective:
            self._cause = failure
        else:
            self._suspicious = failure

    def _is_its_own(self, failure: HeldFailure) -> bool:
        """Whether another trial came further than this one, so that not every cell fails in this way.

        Once trials have trained, it must be one that was started after this failure, because something may have broken.
        """
        if failure.lacks_objective:
            return self._has_objective
        further = max(self._last[stage] for stage in Stage if stage > failure.stage)
        since = failure.after if self._worked else 0
        return self._all_count or further >= since or any(failure.is_like(one) for one in self._cleared)

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
    return result.failure in ("", "exception") or is_death_by_code(result.reason)
