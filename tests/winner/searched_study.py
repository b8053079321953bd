"""A finished sweep of the toy task with known effects, and runs of the studies that come of it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from study.ledger.ledger import Ledger
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.toml_file import read
from study.space.trial import TrialConfig, TrialResult
from study.task import Level
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space, succeed

RATE = Factor("rate", Range(0.01, 2.0, log=True))
DESIGN = Design("sweep", trials=12, sampler="random", confirm=Confirm(3, 5))
SEARCH = space(DEPTH, POOLING, RATE, name="searched", design=DESIGN, seeds=(0,))
Value = Callable[[dict[str, Level]], float]


def additive(levels: dict[str, Level]) -> float:
    """More depth and rate help, a flat map helps most."""
    pooling = {"max": 0.0, "mean": 0.03, "flat": 0.2}[str(levels["pooling"])]
    return 0.3 + 0.05 * (int(levels["depth"]) - 3) + pooling + 0.1 * min(float(levels["rate"]), 1.0)


def noisy(value: Value = additive, *, sd: float = 0.01) -> Callable[[TrialConfig], TrialResult]:
    """A trial function with normal noise that depends on the cell alone."""

    def outcome(config: TrialConfig) -> TrialResult:
        draw = np.random.default_rng(int(hashlib.sha256(config.key.encode()).hexdigest()[:8], 16))
        number = value(dict(config.settings)) + sd * draw.normal()
        return replace(succeed(config), curve=({"loss": 1.0, "val_acc": float(number)},))

    return outcome


def searched(store: Path, value: Value = additive) -> Ledger:
    run(store, SEARCH, noisy(value))
    return Ledger.read(store, "searched")


def run_file(store: Path, path: Path, value: Value = additive) -> int:
    """Run the missing cells of a file's study. Returns how many ran."""
    return len(run(store, read(path), noisy(value)))
