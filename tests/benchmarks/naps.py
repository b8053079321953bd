"""Trials that sleep instead of training, and their search spaces. A worker imports this module in almost no time."""

import os
import time
from dataclasses import replace
from pathlib import Path

from study.engines.engine import Report
from study.space.design import Design
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import Fidelity
from tests import toy_task, trial_functions

EPOCHS = 8
SECONDS = 1.0
"""How long a trial sleeps in total."""
_SEEDS = 10


def nap(config: TrialConfig, report: Report) -> TrialResult:
    """Sleep for the seconds of the trial, the same time in each epoch, and report as much as a small Keras model."""
    epochs = config.fidelity.epochs
    for epoch in range(1, epochs + 1):
        time.sleep(float(config.settings["seconds"]) / epochs)
        report.epoch(epoch, _metrics(epoch))
    return finish(config)


def finish(config: TrialConfig) -> TrialResult:
    """Returns the result of a trial that slept."""
    done = trial_functions.succeed(config)
    curve = tuple(_metrics(epoch) for epoch in range(1, config.fidelity.epochs + 1))
    return replace(done, curve=curve, seconds=float(config.settings["seconds"]))


def _metrics(epoch: int) -> Metrics:
    return {"loss": 1 / epoch, "acc": 1 - 1 / epoch, "val_loss": 2 / epoch, "val_acc": 1 - 2 / epoch}


def space(cells: int, *, seconds: float = SECONDS) -> SearchSpace:
    """Returns a dose with this number of cells, a multiple of ten. Each cell is a nap."""
    places = Factor("place", tuple(range(cells // _SEEDS)))
    return _space(places, design=Design("dose"), settings={"place": 0, "seconds": seconds})


def grid(cells: int) -> SearchSpace:
    """Returns a grid of three factors with ten seeds at each point. `cells` must be a multiple of a thousand."""
    factors = [Factor(name, tuple(range(size))) for name, size in (("a", 10), ("b", 10), ("c", cells // 1_000))]
    return _space(*factors, design=Design("grid"), settings={"a": 0, "b": 0, "c": 0, "seconds": SECONDS})


def _space(*factors: Factor, design: Design, settings: dict[str, float]) -> SearchSpace:
    return toy_task.space(
        *factors,
        name="naps",
        task="nap",
        defaults=settings,
        baseline=settings,
        design=design,
        seeds=tuple(range(_SEEDS)),
        fidelity=Fidelity(epochs=EPOCHS, train_examples=100, validation_examples=10),
    )


def train_and_weigh(config: TrialConfig, report: Report) -> TrialResult:
    """Train a Keras model. The environment of the result also holds the process's number and its memory in MB."""
    from study.training.fit import train

    result = train(config, report)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    weight = {"process": os.getpid(), "memory": pages * os.sysconf("SC_PAGE_SIZE") / 1e6}
    return replace(result, environment={**result.environment, **weight})
