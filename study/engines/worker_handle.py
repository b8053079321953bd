"""A worker as its launcher knows it: the process, the pipe, and how far its trial is."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

from study.engines.engine import READY, Built, Epoch, Message, Preparing
from study.space.trial import TrialConfig


class Assignment(NamedTuple):
    """What a worker is asked to run."""

    trial: int
    config: TrialConfig
    folder: Path


@dataclass(kw_only=True, eq=False)
class WorkerHandle:
    """A worker process that runs one trial at a time."""

    process: SpawnProcess
    pipe: Connection
    mark: str
    """What every process that comes from this worker has in its environment."""
    index: int
    """The number of the worker in its engine, from 0. With GPUs it is also the number of the GPU that it sees."""
    memory_kills: int
    """How many processes the system had killed for lack of memory before this one started."""
    trial: int | None = None
    """The trial that the worker runs, or None while it is idle."""
    assignment: Assignment | None = None
    """What the worker was asked to run last."""
    finished: int = 0
    """How many trials it has finished."""
    go_on: bool = True
    """The last answer to its trial."""
    reported: int = -1
    """The last epoch that its trial has reported; 0 is the size of the model, -1 is nothing."""
    since: float = field(default_factory=time.monotonic)
    """When its trial began, or last reported that it was preparing data."""
    preparing: bool = False
    """Whether its trial makes data or waits for them. Other trials use the same data, so this time does not count."""

    def take(self, assignment: Assignment) -> None:
        """Start a trial in this worker, which must be idle."""
        self.trial, self.assignment = assignment.trial, assignment
        self.reported, self.go_on = -1, True
        self._begin()

    def take_over(self, other: "WorkerHandle") -> None:
        """Start the trial of another worker, which has ended. The trial goes on from its checkpoint."""
        self.trial, self.assignment = other.trial, other.assignment
        self.reported, self.go_on = other.reported, other.go_on
        self._begin()

    def _begin(self) -> None:
        self.since, self.preparing = time.monotonic(), False
        self.send(self.assignment)

    def send(self, message: object) -> None:
        """Send an assignment or an answer. If the worker has died, its engine notices that when it listens."""
        with suppress(OSError):
            self.pipe.send(message)

    def count_time(self, message: Message) -> None:
        """Note whether its trial's time counts from now on. A trial need not report how far its data are."""
        before, self.preparing = self.preparing, isinstance(message, Preparing) and message.what != READY
        if before or self.preparing:
            self.since = time.monotonic()

    def is_late(self, timeout: float | None) -> bool:
        """Whether its trial has taken more than so many seconds, without those in which it prepared data."""
        counts = timeout is not None and self.trial is not None and not self.preparing
        return counts and time.monotonic() - self.since > (timeout or 0)

    def is_news(self, message: Built | Epoch) -> bool:
        """Note how far its trial is. Returns whether it has not been so far before."""
        news = epoch_of(message) > self.reported
        self.reported = max(self.reported, epoch_of(message))
        return news

    def end(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def epoch_of(message: Built | Epoch) -> int:
    """Returns the epoch of a message; the size of a model comes before the first."""
    return message.epoch if isinstance(message, Epoch) else 0
