"""What workers with real Keras models need, and how many threads are best for them."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from study.engines.local import LocalEngine
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.running.loop import run
from study.space.points import count_points
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.space.trial import TrialResult
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.benchmarks.launchers import Onlooker, warm
from tests.conftest import ROOT

WAYS = ((2, 1), (1, 2))
"""Workers, and threads of each, for two cores."""


@dataclass(frozen=True)
class Weight:
    """What a worker had in memory after a trial."""

    trial: int
    process: int
    megabytes: float


class _Scale(Onlooker):
    """A tracker that keeps what each trial said of its worker."""

    def __init__(self) -> None:
        self.weights: list[Weight] = []

    def log(self, claim: Trial, result: TrialResult) -> None:
        if result.state != "complete":
            raise RuntimeError(f"{claim.point}: {result.reason}\n{result.traceback}")
        said = result.environment
        self.weights.append(Weight(len(self.weights) + 1, said["process"], said["memory"]))


def weights(trials: int) -> Sequence[Weight]:
    """What the worker had in memory after each of so many small Keras trials of an epoch."""
    space = read(ROOT / "tests" / "handwritten.toml")
    seeds = tuple(range(trials // count_points(space)))
    space = replace(space, seeds=seeds, fidelity=replace(space.fidelity, epochs=1))
    scale = _Scale()
    engine = LocalEngine("tests.benchmarks.naps:train_and_weigh", environment=worker_environment(1))
    with tempfile.TemporaryDirectory() as folder, Ledger.own(Path(folder), space) as ledger, closing(engine):
        run(ledger, engine, scale, Onlooker())
    return scale.weights


def small() -> SearchSpace:
    """Every point of the quick study on one seed, with fewer images."""
    space = read(ROOT / "search_spaces" / "qr_quick.toml")
    fidelity = replace(space.fidelity, epochs=3, train_examples=4_000, validation_examples=1_000)
    return replace(space, seeds=(0,), fidelity=fidelity)


def speeds(rounds: int) -> Iterator[tuple[int, int, float]]:
    """Workers, threads and trials an hour, each way in turn."""
    for _ in range(rounds):
        for workers, threads in WAYS:
            yield workers, threads, _speed(small(), workers, threads)


def _speed(space: SearchSpace, workers: int, threads: int) -> float:
    with tempfile.TemporaryDirectory() as folder, Ledger.own(Path(folder), space, threads=threads) as ledger:
        engine = LocalEngine(TRAIN, workers=workers, environment=worker_environment(threads))
        first = space.config({}, seed=0)
        short = replace(first, fidelity=replace(first.fidelity, epochs=1, train_examples=64, validation_examples=64))
        with closing(engine):
            warm(engine, short, Path(folder) / "warm")
            begin = time.perf_counter()
            run(ledger, engine, Onlooker(), Onlooker())
            seconds = time.perf_counter() - begin
        cells = ledger.counts()
    if set(+cells) != {"complete"}:
        raise RuntimeError(f"{dict(+cells)}")
    return 3600 * cells.total() / seconds


def foretold() -> tuple[float, float]:
    """Seconds that `study plan` says the quick study will take, and those that `study run` took for it."""
    study, file = [sys.executable, "-m", "study"], str(ROOT / "search_spaces" / "qr_quick.toml")
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.check_output([*study, "plan", file, "--json", "--store", folder])
        begin = time.monotonic()
        subprocess.run([*study, "run", file, "--store", folder], stdout=subprocess.DEVNULL, check=True)
        return 3600 * json.loads(said)["hours"], time.monotonic() - begin
