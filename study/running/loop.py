"""The loop: ask for the next cell, run it, record its result, log it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from study.engines.cell_folder import LOG
from study.engines.engine import Built, Engine, Epoch, Finished, Message
from study.errors import StudyError
from study.ledger.cell import Trial
from study.running import known_cell
from study.running.first_failures import FirstFailures, HeldFailure
from study.running.known_cell import KnownCell
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult


class LoopLedger(Protocol):
    """The part of a ledger that the loop needs: the missing cells, and a record of how each trial ended."""

    @property
    def space(self) -> SearchSpace: ...
    @property
    def threads(self) -> int: ...

    def counts(self) -> Counter[str]:
        """Returns the number of cells in each state."""

    def begun(self) -> int:
        """Returns how many missing cells have a checkpoint, and so go on after an epoch that is done."""

    def look_lines(self) -> Sequence[str]:
        """Returns what each look of the study has decided, in words. Empty if it declares none."""

    def cell_folder(self, config: TrialConfig) -> Path:
        """Returns the folder of a cell's log and, while the cell runs, of its checkpoint."""

    def trained(self) -> TrialConfig | None:
        """Returns a cell whose last trial trained. None if there is none."""

    def next(self) -> Trial | None:
        """Begin the next trial that must be run. Returns None if there is none at the moment."""

    def built(self, trial: int, size: Metrics, data: Mapping[str, Any] | None = None) -> bool:
        """Returns whether a running trial should train its model, which has this size.

        Raises StoreError if its data are not those of the results before.
        """

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Returns whether a running trial goes on after this epoch. The first epoch is 1."""

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record the result of a running trial. Returns the result as the ledger judges it."""

    def release(self, trial: int, reason: str) -> None:
        """Give up a running trial, so that its cell is missing again."""


class Tracker(Protocol):
    """Logs finished trials, so that people can browse them; the ledger remains the truth."""

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a finished trial soon, without holding up the loop."""


class Observer(Protocol):
    """Receives what happens in the loop, for example to show the progress."""

    def started(self, trial: Trial) -> None:
        """A trial was given to a worker."""

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker, which goes on already if it waited for an answer."""


class Observers:
    """Several observers as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def started(self, trial: Trial) -> None:
        """A trial was given to a worker."""
        for observer in self._observers:
            observer.started(trial)

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker."""
        for observer in self._observers:
            observer.received(trial, message)


class NoTracker:
    """A tracker that logs nothing, and an observer that shows nothing."""

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log nothing."""

    def started(self, trial: Trial) -> None:
        """Show nothing."""

    def received(self, trial: Trial, message: Message) -> None:
        """Show nothing."""


def run(
    ledger: LoopLedger,
    engine: Engine,
    tracker: Tracker,
    observer: Observer,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Run every missing cell, as many at a time as the engine takes.

    Once `stopping` returns True, no trial is started, and each running trial ends with its epoch. The next run
    continues it from there. Raises StudyError if trials show that every cell will fail.
    """
    loop = _Loop(ledger, engine, tracker, observer, stopping, FirstFailures(ledger.space, ledger.counts()))
    try:
        while loop.start_trials():
            for message in engine.messages():
                loop.receive(message)
    finally:
        loop.end_check()


@dataclass
class _Loop:
    ledger: LoopLedger
    engine: Engine
    tracker: Tracker
    observer: Observer
    stopping: Callable[[], bool]
    failures: FirstFailures
    running: dict[int, Trial] = field(default_factory=dict)
    check: KnownCell | None = None
    """A cell that has trained before and runs again, while cells seem to fail alike."""

    def start_trials(self) -> bool:
        """Start as many trials as the engine takes. Returns whether any is running."""
        suspicious = self.failures.suspicious and not self.failures.cause
        if suspicious and not self.check and not self.stopping() and self.engine.free:
            self._begin_check()
        while self._may_start() and self.engine.free and (trial := self.ledger.next()):
            self.running[trial.number] = trial
            self.failures.started(trial)
            self.engine.submit(trial.number, trial.config, self.ledger.cell_folder(trial.config))
            self.observer.started(trial)
        checking = self.check is not None and not self.stopping()
        return bool(self.running) or checking or self._judge_failures()

    def _may_start(self) -> bool:
        """Whether trials may be started. If every cell seems to fail, those that run decide that first."""
        return not (self.stopping() or self.failures.cause or self.check)

    def receive(self, message: Message) -> None:
        """Record a message, and answer it if its trial waits for an answer."""
        if message.trial == known_cell.NUMBER:
            self._receive_check(message)
        trial = self.running.get(message.trial)
        if trial is None:  # It was released, and its worker waits for an answer that never comes.
            return
        match message:
            case Built(number, size, _, data):
                go_on = self.failures.built(message) and self.ledger.built(number, size, data)
                self._answer(number, go_on, stopped="before the first epoch" if self.stopping() else "")
            case Epoch(number, epoch, metrics):
                self.failures.epoch(message)
                go_on = self.ledger.epoch(number, epoch, metrics)
                early = self.stopping() and epoch < trial.config.fidelity.epochs
                self._answer(number, go_on, stopped=f"after epoch {epoch}" if early else "")
            case Finished(number, result):
                del self.running[number]
                if result.state == "failed" and self.stopping():
                    # A signal that asks for a stop reaches the processes of the task, too, and may be the reason.
                    self.ledger.release(number, f"stopped, and then failed: {result.reason}")
                elif (counted := self.failures.ended(trial, result)) is not None:
                    self._record(trial, counted)
        if not isinstance(message, Finished):
            self.observer.received(trial, message)
        self._record_own()

    def _record_own(self) -> None:
        """Record the failures that count after all."""
        for failure in self.failures.take_own():
            self._record(failure.trial, failure.result)

    def _answer(self, number: int, go_on: bool, *, stopped: str) -> None:
        """Answer a trial, or release it if it was stopped now."""
        if stopped:
            self.ledger.release(number, f"stopped {stopped}")
            del self.running[number]
        else:
            self.engine.answer(number, go_on=go_on)

    def _record(self, trial: Trial, result: TrialResult) -> None:
        judged = self.ledger.record(trial.number, result)
        self.tracker.log(trial, judged)
        self.observer.received(trial, Finished(trial.number, judged))

    def _judge_failures(self) -> bool:
        """Judge the failures that are held back, because no trial runs. Returns whether cells are to be run again.

        Raises StudyError if they show that every cell will fail.
        """
        if self.failures.undecided and not self.failures.cause and not self.stopping() and self._begin_check():
            return True
        cause, failures = self.failures.cause, self.failures.take_all()
        for failure in failures if cause or self.stopping() else ():
            self.ledger.release(failure.trial.number, f"stopped, because it failed: {failure.result.reason}")
        if cause:
            raise StudyError(_end(self.ledger, cause, known=bool(self.failures.known or self.ledger.trained())))
        if not failures or self.stopping():
            return False
        self.failures.let_all_count()
        for failure in failures:
            self._record(failure.trial, failure.result)
        return self.start_trials()

    def _begin_check(self) -> bool:
        """Run a cell again that has trained before. Returns False if nobody knows one."""
        config, failure = self.failures.known or self.ledger.trained(), self.failures.undecided
        if config is None or failure is None:
            return False
        self.check = KnownCell(config, beyond=failure.stage)
        self.check.begin(self.engine)
        return True

    def _receive_check(self, message: Message) -> None:
        if self.check is not None and self.check.receive(message, self.engine):
            if self.check.came_further:
                self.failures.clear()
            else:
                self.failures.blame()
            self.check = None
            self._record_own()

    def end_check(self) -> None:
        """Remove the files of a check that was not finished."""
        if self.check is not None:
            self.check.end()


def _end(ledger: LoopLedger, cause: HeldFailure, *, known: bool) -> str:
    """Returns the message about a run that ends early. `known` says whether any cell of the study has trained."""
    trial, log = cause.trial, ledger.cell_folder(cause.trial.config) / LOG
    if cause.lacks_objective:
        what = "no cell can succeed"
    elif known:
        what = "no cell can succeed any more, because one that has trained before fails now, too, in a new process"
    else:
        what = "no cell can succeed, because the first ones fail alike before their first epoch"
    place = f"{trial.point}, seed {trial.config.seed}" + (f"; log {log}" if log.is_file() else "")
    return (
        f"study {ledger.space.name!r}: {what}: {cause.result.reason} ({place}); "
        f"no cell has lost a try: mend this, and the same command runs them{'' if known else ' all'}"
    )
