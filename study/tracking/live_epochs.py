"""The epochs of running trials that are not logged yet. The loop adds them, and the thread of the log takes them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from study.ledger.cell import Trial
from study.space.trial import Metrics
from study.tracking.mlflow_names import milliseconds
from study.tracking.trial_run import EndedEpoch

_YOUNG = 3.0
"""Seconds before a trial's epochs are shown. A shorter trial is logged whole, which costs less."""


@dataclass
class RunningTrial:
    """A trial that runs, and its epochs that nobody has taken."""

    trial: Trial
    begin: int
    """In milliseconds."""
    epochs: list[EndedEpoch] = field(default_factory=list)


class LiveEpochs:
    """The running trials and their epochs. Every method returns at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, RunningTrial] = {}
        self._closed = False

    def start(self, trial: Trial) -> None:
        """Note that a trial began."""
        with self._lock:
            if not self._closed:
                self._running[trial.number] = RunningTrial(trial, _now())

    def add(self, trial: Trial, epoch: int, metrics: Metrics) -> None:
        """Note that a trial has finished an epoch."""
        with self._lock:
            if trial.number in self._running:
                self._running[trial.number].epochs.append(EndedEpoch(epoch, metrics, _now()))

    def end(self, trial: Trial) -> None:
        """Forget a trial, because it is logged as a whole now."""
        with self._lock:
            self._running.pop(trial.number, None)

    def take(self) -> list[RunningTrial]:
        """Returns the trials that have run for some seconds and have new epochs, with these epochs."""
        old = _now() - 1000 * _YOUNG
        with self._lock:
            taken = [one for one in self._running.values() if one.epochs and one.begin < old]
            for one in taken:
                self._running[one.trial.number] = RunningTrial(one.trial, one.begin)
        return taken

    def close(self) -> None:
        """Forget everything from now on, because nobody takes it any more."""
        with self._lock:
            self._closed = True
            self._running.clear()


class Pace:
    """How often something is done that shall cost little: the time that it takes is followed by a longer rest."""

    def __init__(self, *, rest: float, times: float) -> None:
        self._rest, self._times = rest, times
        self._next = time.monotonic() + rest

    @property
    def wait(self) -> float:
        """Returns the seconds until it is due, 0 if it is due now."""
        return max(0.0, self._next - time.monotonic())

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure what is done in this block. The rest after it is `times` as long, but at least `rest` seconds."""
        begin = time.monotonic()
        try:
            yield
        finally:
            now = time.monotonic()
            self._next = now + max(self._rest, self._times * (now - begin))


def _now() -> int:
    return milliseconds(time.time())
