"""Where trials run. The contract of every engine: trials go in, messages come out, and some messages want an answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from study.space.trial import Metrics, TrialConfig, TrialResult


@dataclass(frozen=True)
class Preparing:
    """A trial is busy before its model is built: it makes data, or waits for them."""

    trial: int
    what: str
    done: int
    total: int
    """0 if nobody knows."""


@dataclass(frozen=True)
class Built:
    """A trial has built its model, and waits for an answer: shall it train it?"""

    trial: int
    size: Metrics
    """Numbers about the model, `parameters` and `flops` among them if they are known."""


@dataclass(frozen=True)
class Epoch:
    """A trial has finished an epoch (the first is 1), and waits for an answer: shall it go on?"""

    trial: int
    epoch: int
    metrics: Metrics


@dataclass(frozen=True)
class Finished:
    """A trial has ended, successfully or not."""

    trial: int
    result: TrialResult


Message = Preparing | Built | Epoch | Finished


class Report(Protocol):
    """What a trial function is given in order to talk to the launcher."""

    @property
    def folder(self) -> Path:
        """The cell's own folder, for checkpoints. When the cell is over, only its curve, log and weights stay."""

    def preparing(self, what: str, done: int, total: int) -> None:
        """Say what is being done before the model is built, and how far it is; a total of 0 means unknown."""

    def built(self, size: Metrics) -> bool:
        """Report the size of the model. Returns False if the trial shall end here, untrained."""

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        """Report an epoch (the first is 1). Returns False if the trial shall end here."""


TrialFunction = Callable[[TrialConfig, Report], TrialResult]


class Engine(Protocol):
    """Runs trials somewhere, several at once. No trial is lost without a message."""

    @property
    def free(self) -> int:
        """How many more trials it can take now."""

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial. Exactly one Finished will say how it ended."""

    def messages(self) -> Iterable[Message]:
        """Returns what has arrived since the last call; waits up to a second if nothing has."""

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a Built or an Epoch."""

    def close(self) -> None:
        """End every worker now."""
