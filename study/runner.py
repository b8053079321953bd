"""The loop: ask, run, record, tell."""

from typing import Protocol

from study.engines import Engine, Epoch, Finished, Message
from study.ledger import Claim, Ledger
from study.trial import TrialResult


class Tracker(Protocol):
    """Where finished trials are logged for people to browse; the ledger remains the truth."""

    def log(self, claim: Claim, result: TrialResult) -> None:
        """Log a finished trial soon, without holding up the loop."""


class Watch(Protocol):
    """Who looks on."""

    def started(self, claim: Claim) -> None:
        """A cell was given to a worker."""

    def saw(self, claim: Claim, message: Message) -> None:
        """A message came from its worker."""


def run(ledger: Ledger, engine: Engine, tracker: Tracker, watch: Watch) -> None:
    """Run every cell that is missing, as many at a time as the engine takes."""
    running: dict[int, Claim] = {}
    while True:
        while engine.free and (claim := ledger.next()):
            running[claim.trial] = claim
            engine.submit(claim.trial, claim.config, ledger.cell_folder(claim.config))
            watch.started(claim)
        if not running:
            return
        for message in engine.messages():
            claim = running[message.trial]
            match message:
                case Epoch(trial, epoch, metrics):
                    engine.answer(trial, go_on=ledger.epoch(trial, epoch, metrics))
                case Finished(trial, result):
                    message = Finished(trial, ledger.record(trial, result))
                    tracker.log(claim, message.result)
                    del running[trial]
            watch.saw(claim, message)
