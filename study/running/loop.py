"""The loop: ask for the next cell, run it, record its result, log it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from study.engines.engine import Built, Engine, Epoch, Finished, Message
from study.ledger.cell import Trial
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

    def cell_folder(self, config: TrialConfig) -> Path:
        """Returns the folder of a cell's log and, while the cell runs, of its checkpoint."""

    def next(self) -> Trial | None:
        """Begin the next trial that must be run. Returns None if there is none at the moment."""

    def built(self, trial: int, size: Metrics) -> bool:
        """Returns whether a running trial should train its model, which has this size."""

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


class NoTracker:
    """A tracker that logs nothing."""

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log nothing."""


class Observer(Protocol):
    """Receives what happens in the loop, for example to show the progress."""

    def started(self, trial: Trial) -> None:
        """A trial was given to a worker."""

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker."""


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
    continues it from there.
    """
    running: dict[int, Trial] = {}
    while True:
        while not stopping() and engine.free and (trial := ledger.next()):
            running[trial.number] = trial
            engine.submit(trial.number, trial.config, ledger.cell_folder(trial.config))
            observer.started(trial)
        if not running:
            return
        for message in engine.messages():
            if message.trial not in running:  # It was released, and its worker waits for an answer that never comes.
                continue
            trial = running[message.trial]
            match message:
                case Built(number, size):
                    go_on = ledger.built(number, size)
                    if stopping():
                        ledger.release(number, "stopped before the first epoch")
                        del running[number]
                    else:
                        engine.answer(number, go_on=go_on)
                case Epoch(number, epoch, metrics):
                    go_on = ledger.epoch(number, epoch, metrics)
                    if stopping() and epoch < trial.config.fidelity.epochs:
                        ledger.release(number, f"stopped after epoch {epoch}")
                        del running[number]
                    else:
                        engine.answer(number, go_on=go_on)
                case Finished(number, result):
                    message = Finished(number, ledger.record(number, result))
                    tracker.log(trial, message.result)
                    del running[number]
            observer.received(trial, message)
