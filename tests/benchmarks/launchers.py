"""What launching costs: trials of a second, whose best possible time is known, on workers started before."""

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
    """What so many trials took on so many workers."""

    trials: int
    workers: int
    seconds: float
    """From the first start to the last result."""

    @property
    def best(self) -> float:
        """The least that the trials can take, in seconds."""
        return self.trials / self.workers * naps.SECONDS

    def over(self, seconds: float) -> float:
        """How far above the best possible so many seconds are, in per cent."""
        return 100 * (seconds / self.best - 1)


@dataclass(frozen=True)
class LoggedLaunch(Launch):
    """The same with everything logged in MLflow."""

    logged: float
    """Seconds from the first start until all was logged."""
    loop: float
    """Seconds of processor time of the launcher's loop."""
    launcher: float
    """Seconds of processor time of the whole launcher, its logging and the import of MLflow included."""


class Onlooker:
    """A tracker and a watch that look away."""

    def log(self, claim: Trial, result: TrialResult) -> None: ...
    def started(self, claim: Trial) -> None: ...
    def received(self, claim: Trial, message: Message) -> None: ...


def launch(trials: int, workers: int) -> LoggedLaunch:
    """Run the trials as `study run` does: each epoch answered, each result on disk, MLflow in the store."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    space = naps.space(trials)
    with tempfile.TemporaryDirectory() as folder, Ledger.own(Path(folder), space) as ledger:
        with closing(LocalEngine("tests.benchmarks.naps:nap", workers=workers)) as engine:
            warm(engine, naps.space(trials, seconds=0).config({}, seed=0), Path(folder) / "warm")
            tracker = MlflowTracker(ledger, Path(folder))
            begin, own, whole = time.perf_counter(), time.thread_time(), time.process_time()
            run(ledger, engine, tracker, Onlooker())
            end, loop = time.perf_counter(), time.thread_time() - own
        tracker.close()
        logged, launcher = time.perf_counter(), time.process_time() - whole
        if tracker.problem or +ledger.counts() != {"complete": trials}:
            raise RuntimeError(f"{dict(+ledger.counts())} of {trials} cells; {tracker.problem}")
    return LoggedLaunch(trials, workers, end - begin, logged - begin, loop, launcher)


def warm(engine: Engine, config: TrialConfig, folder: Path) -> None:
    """Have every worker started, with its imports done, by a trial for each."""
    waiting = engine.free
    for place in range(waiting):
        engine.submit(-1 - place, config, folder / str(place))
    while waiting:
        for message in engine.messages():
            if isinstance(message, Finished):
                waiting -= 1
            else:
                engine.answer(message.trial, go_on=True)
