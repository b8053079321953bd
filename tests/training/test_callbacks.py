"""A trial's callbacks are called as `fit` calls them, and only what sees each batch needs Keras's own loop."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.errors import TaskError
from study.training.callback_files import CallbackFiles
from study.training.callbacks import Callbacks, checked, no_saving
from study.training.compiled_pass import make_pass

INPUTS, TARGETS = np.ones((6, 2), np.float32), np.ones(6, np.float32)


def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    return model


class Told(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes every call, and what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("on_") and "predict" not in name:
            calls = self.calls
            return lambda *given, logs=None: calls.append(f"{name} {[*given, sorted(logs or {})]}")
        return super().__getattribute__(name)


def callbacks(given: list[Any], model: keras.Model, folder: Path) -> Callbacks:
    return Callbacks(given, model, files=CallbackFiles(folder), epochs=2, steps=2)


def test_they_are_told_what_fit_tells_them_in_its_order(tmp_path: Path) -> None:
    ours, theirs = Told(), Told()
    model = network()
    told = callbacks([ours], model, tmp_path)
    training = make_pass(model, (INPUTS, TARGETS), batch=3, training=True, callbacks=told)
    validation = make_pass(model, (INPUTS, TARGETS), batch=3, training=False, callbacks=told)
    told.begin()
    for epoch in range(2):
        told.begin_epoch(epoch)
        logs = dict(training(np.arange(6), epoch=epoch + 1))
        with told.testing() as tested:
            tested |= validation(np.arange(6))
        logs |= {f"val_{name}": value for name, value in tested.items()}
        told.end_epoch(epoch, logs)
    told.end(logs)
    options = {"validation_data": (INPUTS, TARGETS), "batch_size": 3, "verbose": 0}
    network().fit(INPUTS, TARGETS, epochs=2, callbacks=[theirs], **options)
    assert ours.calls == theirs.calls


class AtBatches(keras.callbacks.Callback):  # type: ignore[misc]
    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """It could do anything."""


class AtTestBatches(keras.callbacks.Callback):  # type: ignore[misc]
    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """It could do anything."""


@pytest.mark.parametrize(
    ("callback", "training", "validation"),
    [
        (keras.callbacks.EarlyStopping(), False, False),
        (keras.callbacks.ModelCheckpoint("x.keras"), False, False),
        (keras.callbacks.ModelCheckpoint("x.keras", save_freq=5), True, False),
        (keras.callbacks.TerminateOnNaN(), True, False),
        (keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None), True, False),
        (keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None), False, False),
        (AtBatches(), True, False),
        (AtTestBatches(), False, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, keras.callbacks.Callback) else str(value),
)
def test_who_sees_each_batch(callback: Any, training: bool, validation: bool, tmp_path: Path) -> None:
    told = callbacks([callback], network(), tmp_path)
    assert (told.watch_batches(training=True), told.watch_batches(training=False)) == (training, validation)


class Stops(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops the training before it begins, or at its first batch."""

    def __init__(self, hook: str) -> None:
        super().__init__()
        self.batches = 0
        setattr(self, hook, lambda *given, **named: setattr(self.model, "stop_training", True))

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin", "on_train_batch_end"])
def test_a_stop_comes_after_as_many_batches_as_under_fit(hook: str, tmp_path: Path) -> None:
    ours, theirs, model = Stops(hook), Stops(hook), network()
    told = callbacks([ours], model, tmp_path)
    told.begin()
    told.begin_epoch(0)
    make_pass(model, (INPUTS, TARGETS), batch=3, training=True, callbacks=told)(np.arange(6))
    network().fit(INPUTS, TARGETS, batch_size=3, verbose=0, callbacks=[theirs])
    assert model.stop_training
    assert ours.batches == theirs.batches == 1


class Task:
    """As much of a task as a message about its callbacks needs."""

    name = "mine"

    def callbacks(self) -> None:
        """Its callbacks come from elsewhere."""


def test_a_list_of_callbacks_may_be_nested_or_absent(capsys: pytest.CaptureFixture[str]) -> None:
    task: Any = Task()
    stopping, backup = keras.callbacks.EarlyStopping(), keras.callbacks.BackupAndRestore("x")
    assert checked(None, task) == []
    assert checked([[stopping], backup], task) == [stopping]
    assert "BackupAndRestore is left out, because a trial is resumed from its own checkpoint" in capsys.readouterr().out


@pytest.mark.parametrize("given", [3, [keras.callbacks.EarlyStopping], ["csv"], [None]])
def test_anything_else_is_refused_with_its_line(given: Any) -> None:
    task: Any = Task()
    with pytest.raises(TaskError, match=r"test_callbacks\.py, line \d+: callbacks\(\) of task 'mine' returned "):
        checked(given, task)


def test_a_model_saves_nothing_while_earlier_epochs_are_shown(tmp_path: Path) -> None:
    model = network()
    with no_saving(model):
        model.save(tmp_path / "model.keras")
    assert not (tmp_path / "model.keras").exists()
    model.save_weights(tmp_path / "model.weights.h5")
    assert (tmp_path / "model.weights.h5").exists()
