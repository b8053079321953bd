"""The loop: ask, run, record, tell."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from study.engines.engine import Built, Engine, Epoch, Finished, Message
from study.ledger.cell import Trial
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult


class Book(Protocol):
    """Which cells of a study are missing, and what came of the others: a ledger, as the loop knows it."""

    @property
    def space(self) -> SearchSpace: ...
    @property
    def threads(self) -> int: ...

    def counts(self) -> Counter[str]:
        """How many cells are in each state."""

    def cell_folder(self, config: TrialConfig) -> Path:
        """Where a cell keeps its log and, while it runs, its checkpoint."""

    def next(self) -> Trial | None:
        """Claim the next cell that must be run, or None where there is none at the moment."""

    def built(self, trial: int, size: Metrics) -> bool:
        """Whether a running trial shall train its model, which has this size."""

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Whether a running trial goes on after this epoch (the first is 1)."""

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record what came out of a running trial; the result as it now stands."""

    def release(self, trial: int, reason: str) -> None:
        """Give back a running trial: its cell is missing again."""


class Tracker(Protocol):
    """Where finished trials are logged for people to browse; the ledger remains the truth."""

    def log(self, claim: Trial, result: TrialResult) -> None:
        """Log a finished trial soon, without holding up the loop."""


class Unlogged:
    """A tracker that looks away."""

    def log(self, claim: Trial, result: TrialResult) -> None:
        """Log nothing."""


class Watch(Protocol):
    """Who looks on."""

    def started(self, claim: Trial) -> None:
        """A cell was given to a worker."""

    def saw(self, claim: Trial, message: Message) -> None:
        """A message came from its worker."""


def run(
    ledger: Book, engine: Engine, tracker: Tracker, watch: Watch, *, stopping: Callable[[], bool] = lambda: False
) -> None:
    """Run every cell that is missing, as many at a time as the engine takes.

    Once `stopping` says so nothing is started, and each running trial ends with its epoch, from where it goes on.
    """
    running: dict[int, Trial] = {}
    while True:
        while not stopping() and engine.free and (claim := ledger.next()):
            running[claim.number] = claim
            engine.submit(claim.number, claim.config, ledger.cell_folder(claim.config))
            watch.started(claim)
        if not running:
            return
        for message in engine.messages():
            if message.trial not in running:  # It was given back, and its worker waits for an answer that never comes.
                continue
            claim = running[message.trial]
            match message:
                case Built(trial, size):
                    go_on = ledger.built(trial, size)
                    if stopping():
                        ledger.release(trial, "stopped before the first epoch")
                        del running[trial]
                    else:
                        engine.answer(trial, go_on=go_on)
                case Epoch(trial, epoch, metrics):
                    go_on = ledger.epoch(trial, epoch, metrics)
                    if stopping() and epoch < claim.config.fidelity.epochs:
                        ledger.release(trial, f"stopped after epoch {epoch}")
                        del running[trial]
                    else:
                        engine.answer(trial, go_on=go_on)
                case Finished(trial, result):
                    message = Finished(trial, ledger.record(trial, result))
                    tracker.log(claim, message.result)
                    del running[trial]
            watch.saw(claim, message)
