"""Measures the memory and the speed of workers with real Keras models."""

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
"""Ways to use two cores: the number of workers, and of threads in each."""


@dataclass(frozen=True)
class Weight:
    """The memory of a worker after a trial."""

    trial: int
    process: int
    megabytes: float


class _Scale(Onlooker):
    """A tracker that records the memory of the worker after each trial."""

    def __init__(self) -> None:
        self.weights: list[Weight] = []

    def log(self, claim: Trial, result: TrialResult) -> None:
        if result.state != "complete":
            raise RuntimeError(f"{claim.point}: {result.reason}\n{result.traceback}")
        environment = result.environment
        self.weights.append(Weight(len(self.weights) + 1, environment["process"], environment["memory"]))


def weights(trials: int) -> Sequence[Weight]:
    """Run small Keras trials of one epoch. Returns the memory of the worker after each of them."""
    space = read(ROOT / "tests" / "handwritten.toml")
    seeds = tuple(range(trials // count_points(space)))
    space = replace(space, seeds=seeds, fidelity=replace(space.fidelity, epochs=1))
    scale = _Scale()
    engine = LocalEngine("tests.benchmarks.naps:train_and_weigh", environment=worker_environment(1))
    with tempfile.TemporaryDirectory() as folder, Ledger.own(Path(folder), space) as ledger, closing(engine):
        run(ledger, engine, scale, Onlooker())
    return scale.weights


def small() -> SearchSpace:
    """Returns the quick study with one seed and fewer images."""
    space = read(ROOT / "search_spaces" / "qr_quick.toml")
    fidelity = replace(space.fidelity, epochs=3, train_examples=4_000, validation_examples=1_000)
    return replace(space, seeds=(0,), fidelity=fidelity)


def speeds(rounds: int) -> Iterator[tuple[int, int, float]]:
    """Measure each way in turn. Yields the workers, the threads of each, and the trials an hour."""
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


def planned_and_taken() -> tuple[float, float]:
    """Returns the seconds that `study plan` estimates for the quick study, and those that `study run` takes."""
    study, file = [sys.executable, "-m", "study"], str(ROOT / "search_spaces" / "qr_quick.toml")
    with tempfile.TemporaryDirectory() as folder:
        plan = subprocess.check_output([*study, "plan", file, "--json", "--store", folder])
        begin = time.monotonic()
        subprocess.run([*study, "run", file, "--store", folder], stdout=subprocess.DEVNULL, check=True)
        return 3600 * json.loads(plan)["hours"], time.monotonic() - begin
