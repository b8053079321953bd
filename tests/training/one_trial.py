"""Runs one trial in this process, kills it where a test asks for it, and trains the same model by Keras's `fit`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.data import cache
from study.engines.cell_folder import WEIGHTS
from study.space.task_call import call, has
from study.space.task_code import code_of
from study.space.task_loading import load_task
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import Level, defaults
from study.training import checkpoint
from study.training.environment import task_in_worker
from study.training.example_order import epoch_order
from study.training.fit import train
from study.training.new_model import batch_size, build
from study.training.task_modules import forget_task_modules
from study.training.trial_examples import trial_examples
from tests.conftest import ROOT


class Killed(BaseException):
    """Ends a trial where it stands."""


@dataclass
class Report:
    """Keeps what a trial reports. Kills it, or lets it end, after the epoch that a test names."""

    folder: Path
    kill: int = 0
    end: int = 0
    epochs: list[Metrics] = field(default_factory=list)

    def preparing(self, what: str, done: int, total: int) -> None:
        """The data are made by the first trial that needs them."""

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        return True

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        self.epochs.append(metrics)
        if epoch == self.kill:
            raise Killed
        return epoch != self.end


def config(
    name: str, changes: Mapping[str, Level] | None = None, *, epochs: int = 0, best: tuple[str, str] | None = None
) -> TrialConfig:
    """A trial of the user's task in this file of tests/user_tasks."""
    reference = str(ROOT / "tests" / "user_tasks" / f"{name}.py")
    task = load_task(reference, folder=ROOT)
    settings = defaults(task)
    fidelity = replace(task.fidelity, epochs=epochs or task.fidelity.epochs)
    given: dict[str, Any] = {"seed": 3, "reference": reference, "best": best}
    return TrialConfig(task.name, task.version, settings | dict(changes or {}), settings, fidelity, **given)


def run(asked: TrialConfig, folder: Path, *, kill: int = 0, end: int = 0) -> TrialResult:
    """Run a trial as in a new process."""
    folder.mkdir(exist_ok=True)
    forget_task_modules(code_of(asked))
    return train(asked, Report(folder, kill, end))


def run_killed(asked: TrialConfig, folder: Path, *, kill: int) -> TrialResult:
    """Kill a trial after an epoch, and run it again in the same folder."""
    with pytest.raises(Killed):
        run(asked, folder, kill=kill)
    return run(asked, folder)


def weights(asked: TrialConfig, folder: Path) -> list[np.ndarray]:
    """The weights that a trial kept."""
    saved = checkpoint.read(folder / WEIGHTS, key=asked.key)
    assert saved is not None
    return list(saved.arrays)


def same_bits(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> bool:
    return len(some) == len(others) and all(a.tobytes() == b.tobytes() for a, b in zip(some, others, strict=True))


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """The batches of a trial, in its order."""

    def __init__(self, asked: TrialConfig, examples: Any) -> None:
        super().__init__()
        self._asked, self._examples, self.epoch = asked, examples, 1
        self._size = batch_size(asked)

    def __len__(self) -> int:
        return -(-len(self._examples[0]) // self._size)

    def __getitem__(self, number: int) -> Any:
        order = epoch_order(self._asked, self.epoch, count=len(self._examples[0]))
        rows = order[number * self._size :][: self._size]
        return tuple(np.asarray(array)[rows] for array in self._examples)


@dataclass(frozen=True)
class Fitted:
    """What Keras's `fit` leaves."""

    history: Mapping[str, Sequence[float]]
    model: keras.Model

    def curve(self) -> list[dict[str, float]]:
        epochs = len(next(iter(self.history.values())))
        return [{name: values[epoch] for name, values in self.history.items()} for epoch in range(epochs)]

    def weights(self) -> list[np.ndarray]:
        return [np.asarray(keras.ops.convert_to_numpy(weight)) for weight in self.model.weights]


def fitted(asked: TrialConfig) -> Fitted:
    """Train the model of a trial by Keras's `fit`, on the same batches."""
    forget_task_modules(code_of(asked))
    task = task_in_worker(asked)
    data = cache.attach(task, asked.settings, code=code_of(asked), on_progress=lambda *_: None)
    pool, validation = trial_examples(data, asked)
    model = build(task, asked, pool)
    callbacks = call(task, "callbacks", asked.settings) if has(task, "callbacks") else []
    options = {"epochs": asked.fidelity.epochs, "validation_batch_size": 256, "verbose": 0, "shuffle": False}
    batches = _Batches(asked, pool)
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(batches, "epoch", epoch + 1))
    given = {"callbacks": [*callbacks, count], "validation_data": tuple(map(np.asarray, validation))}
    history = model.fit(batches, **given, **options)
    return Fitted(history.history, model)
