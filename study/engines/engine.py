"""The contract of every engine, which runs trials: it takes trials, sends messages, and waits for answers to some."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from study.space.trial import Metrics, TrialConfig, TrialResult

READY = ""
"""What a trial prepares once its data are there: nothing."""


@dataclass(frozen=True)
class Preparing:
    """A trial has not built its model yet: it makes data, or waits for data. Until they are there, no time counts."""

    trial: int
    what: str
    """READY if they are there now."""
    done: int
    total: int
    """0 if nobody knows."""


@dataclass(frozen=True)
class Built:
    """A trial has built its model, and waits for an answer: shall it train the model?"""

    trial: int
    size: Metrics
    """Numbers about the model, among them `parameters` and `flops` if they are known."""
    metrics: tuple[str, ...] = ()
    """The names of the metrics that every epoch will report; empty if nobody knows them."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the result will record about the data set; empty if nobody knows it."""


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
    """The link from a trial function to the launcher."""

    @property
    def folder(self) -> Path:
        """The cell's own folder, for checkpoints. At the end of the cell, only its curve, log and weights stay."""

    def preparing(self, what: str, done: int, total: int) -> None:
        """Report what the trial does before it builds the model, and how much is done. A total of 0 means unknown.

        READY says that this is over, and that the time of the trial counts from now on.
        """

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        """Report the size of the model and, if they are known, the names of the metrics that each epoch will report.

        `data` is what the result will record about the data set, so that other data are noticed before any epoch.
        Returns False if the trial shall end now, without any training.
        """

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        """Report an epoch (the first is 1). Returns False if the trial shall end now."""


TrialFunction = Callable[[TrialConfig, Report], TrialResult]


class Engine(Protocol):
    """Runs several trials at once, on this machine or elsewhere. If a trial is lost, a message says so."""

    @property
    def free(self) -> int:
        """Returns how many more trials the engine can take now."""

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial. Exactly one `Finished` message will say how it ended."""

    def messages(self) -> Iterable[Message]:
        """Returns the messages since the last call. Waits up to a second if there are none."""

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a `Built` or an `Epoch` message."""

    def renew(self) -> None:
        """End the workers that run no trial, so that the next trials run in new processes."""

    def close(self) -> None:
        """End every worker now."""
