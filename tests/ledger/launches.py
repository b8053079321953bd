"""Functions of the ledger's tests that run a study, kill its launcher, and look at its store."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.space.design import Confirm, Design, Pruner, Sampler
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from tests.trial_functions import Outcome, curve, diverge, fail, space, succeed

RATE = Factor("rate", Range(0.001, 1.0, log=True))


class KilledError(Exception):
    """Ends a launcher as a kill would. Only the operating system cleans up."""


def work(ledger: Ledger, outcome: Outcome = succeed, *, most: int | None = None) -> list[Trial]:
    """Run the missing cells, one trial after another. Returns the trials."""
    trials: list[Trial] = []
    while (most is None or len(trials) < most) and (trial := ledger.next()):
        for epoch, metrics in enumerate((result := outcome(trial.config)).curve, start=1):
            ledger.epoch(trial.number, epoch, metrics)
        ledger.record(trial.number, result)
        trials.append(trial)
    return trials


def run(store: Path, space: SearchSpace, outcome: Outcome = succeed, *, most: int | None = None) -> list[Trial]:
    """Run a launcher from its start to its end. Returns its trials."""
    with Ledger.own(store, space) as ledger:
        return work(ledger, outcome, most=most)


def killed(store: Path, space: SearchSpace, *, after: int, during: int = 1, outcome: Outcome = succeed) -> list[Trial]:
    """Run a launcher that is killed while `during` trials run. Returns the trials that it had finished."""
    with pytest.raises(KilledError), Ledger.own(store, space) as ledger:
        done = work(ledger, outcome, most=after)
        for _ in range(during):
            trial = ledger.next()
            assert trial is not None
            ledger.epoch(trial.number, 1, curve(trial.config)[0])
        raise KilledError
    return done


def named(trials: list[Trial]) -> list[str]:
    return [f"{trial.point} {trial.config.seed}" for trial in trials]


def keys(trials: list[Trial]) -> list[str]:
    return [trial.config.key for trial in trials]


def states(store: Path, name: str = "played") -> Counter[str]:
    ledger = Ledger.read(store, name)
    counts = +ledger.counts()
    assert Counter(cell.state for cell in ledger.cells()) <= counts
    return counts


def stored(store: Path, name: str = "played") -> optuna.Study:
    """Return the study as a program sees it that uses only Optuna."""
    journal = JournalFileBackend(str(study_folder(store, name) / "trials.journal"))
    return optuna.load_study(study_name=name, storage=JournalStorage(journal))


def outcomes(config: TrialConfig) -> TrialResult:
    """Diverge, succeed or fail: the depth decides."""
    return {1: diverge, 3: succeed, 5: fail}[int(config.settings["depth"])](config)


def changed(**settings: Any) -> dict[str, Any]:
    return {**space().baseline, **settings}


def sweep(
    *factors: Factor, trials: int = 12, sampler: Sampler = "tpe", pruner: Pruner = "none", **changes: Any
) -> SearchSpace:
    confirm = changes.pop("confirm", Confirm(top=2, seeds=3))
    how = Design("sweep", trials=trials, sampler=sampler, pruner=pruner, confirm=confirm)
    return space(*factors, design=how, seeds=(0,), **changes)


def split(trials: list[Trial]) -> tuple[list[Trial], list[Trial]]:
    return [c for c in trials if c.phase == "search"], [c for c in trials if c.phase == "confirm"]


BOTH = (Objective("val_acc", "maximize"), Objective("flops", "minimize"))


def climbing(config: TrialConfig) -> TrialResult:
    """Return a low objective at depth 5 and a high one at every other depth, which grows with each epoch."""
    height = 0.1 if config.settings["depth"] == 5 else 0.9
    metrics = [{"val_acc": height * epoch / 3} for epoch in (1, 2, 3)]
    return replace(succeed(config), curve=tuple(metrics))


def by_seed(config: TrialConfig) -> TrialResult:
    """Return an objective that falls with the depth on every seed. The baseline lies in the middle."""
    height = 1 - int(config.settings["depth"]) / 10 + (config.seed * 7 % 5) / 1_000
    return replace(succeed(config), curve=tuple({"val_acc": height} for _ in range(3)))


def sized(config: TrialConfig) -> TrialResult:
    """Return a size that grows with the width, and an objective that grows until the width is 24."""
    width = int(config.settings["width"])
    metrics = {"val_acc": min(width, 24) / 100}
    return replace(succeed(config), curve=(metrics,) * 3, parameters=1_000 * width, flops=10 * width)
