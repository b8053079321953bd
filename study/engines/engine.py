"""Where trials run. One contract: cells go in, messages come out, and every epoch is answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from study.space.trial import Metrics, TrialConfig, TrialResult


@dataclass(frozen=True)
class Preparing:
    """A trial is at something long before its first epoch: making data, or waiting for them."""

    trial: int
    what: str
    done: int
    total: int
    """0 where nobody knows."""


@dataclass(frozen=True)
class Epoch:
    """A trial has finished an epoch and waits to be told whether to go on.

    Epoch 0 comes before the first: the model is built, and the metrics are its size.
    """

    trial: int
    epoch: int
    metrics: Metrics


@dataclass(frozen=True)
class Finished:
    """A trial has ended, well or not."""

    trial: int
    result: TrialResult


Message = Preparing | Epoch | Finished


class Report(Protocol):
    """What a trial function is given to speak with whoever started it."""

    @property
    def folder(self) -> Path:
        """The cell's own folder, for checkpoints: all but log and curve goes when the cell is over."""

    def preparing(self, what: str, done: int, total: int) -> None:
        """Say what goes on before the first epoch, and how far it has come; a total of 0 says that nobody knows."""

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        """Report an epoch (the first is 1, and 0 a model's size before it); False where the trial shall end here."""


TrialFunction = Callable[[TrialConfig, Report], TrialResult]


class Engine(Protocol):
    """Runs trials somewhere, several at once, and loses none without saying so."""

    @property
    def free(self) -> int:
        """How many more cells it can take now."""

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial; exactly one Finished will tell how it ended."""

    def messages(self) -> Iterable[Message]:
        """What has come in since the last call; waits up to a second where nothing has."""

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer an Epoch."""

    def close(self) -> None:
        """End every worker now."""
