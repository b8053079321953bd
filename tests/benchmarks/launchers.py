"""Measures the cost of launching. Each trial sleeps for a second, so the best possible time is known."""

import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from study.engines.engine import Engine, Finished, Message
from study.engines.local import LocalEngine
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.running.loop import run
from study.space.trial import TrialConfig, TrialResult
from study.tracking.tracker import MlflowTracker
from tests.benchmarks import naps


@dataclass(frozen=True)
class Launch:
    """The time of a number of trials on a number of workers."""

    trials: int
    workers: int
    seconds: float
    """From the first start to the last result."""

    @property
    def best(self) -> float:
        """Returns the shortest possible time of the trials, in seconds."""
        return self.trials / self.workers * naps.SECONDS

    def over(self, seconds: float) -> float:
        """Returns how far `seconds` are above the shortest possible time, in per cent."""
        return 100 * (seconds / self.best - 1)


@dataclass(frozen=True)
class LoggedLaunch(Launch):
    """A launch that logs everything in MLflow."""

    logged: float
    """Seconds from the first start until everything was logged."""
    loop: float
    """The processor time of the launcher's loop, in seconds."""
    launcher: float
    """The processor time of the whole launcher in seconds, including its logging and the import of MLflow."""


class Onlooker:
    """A tracker and a progress display that do nothing."""

    def log(self, claim: Trial, result: TrialResult) -> None: ...
    def started(self, claim: Trial) -> None: ...
    def received(self, claim: Trial, message: Message) -> None: ...


def launch(trials: int, workers: int) -> LoggedLaunch:
    """Run the trials as `study run` does: answer each epoch, write each result to disk, log to MLflow in the store."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    space = naps.space(trials)
    with tempfile.TemporaryDirectory() as folder, Ledger.own(Path(folder), space) as ledger:
        with closing(LocalEngine("tests.benchmarks.naps:nap", workers=workers)) as engine:
            warm(engine, naps.space(trials, seconds=0).config({}, seed=0), Path(folder) / "warm")
            tracker = MlflowTracker(ledger, Path(folder))
            begin, own, whole = time.perf_counter(), time.thread_time(), time.process_time()
            run(ledger, engine, tracker, tracker)
            end, loop = time.perf_counter(), time.thread_time() - own
        tracker.close()
        logged, launcher = time.perf_counter(), time.process_time() - whole
        if tracker.problem or +ledger.counts() != {"complete": trials}:
            raise RuntimeError(f"{dict(+ledger.counts())} of {trials} cells; {tracker.problem}")
    return LoggedLaunch(trials, workers, end - begin, logged - begin, loop, launcher)


def warm(engine: Engine, config: TrialConfig, folder: Path) -> None:
    """Start every worker and let it do its imports, with a trial for each."""
    waiting = engine.free
    for place in range(waiting):
        engine.submit(-1 - place, config, folder / str(place))
    while waiting:
        for message in engine.messages():
            if isinstance(message, Finished):
                waiting -= 1
            else:
                engine.answer(message.trial, go_on=True)
