"""The callbacks of a trial: one list for all of its epochs, as under one `fit`.

This module loads Keras, so that a launcher must not import it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras

from study.errors import TaskError
from study.space.hints import one_line, short
from study.space.user_line import line_of
from study.task import Task
from study.training.callback_files import CallbackFiles

_TRAIN = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
_TEST = ("on_test_batch_begin", "on_test_batch_end")
_SAVING = ("save", "save_weights", "export")


class _LastLogs(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands behind all other callbacks, which may add to what an epoch reports."""

    logs: Mapping[str, Any]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.logs = dict(logs or {})


class Callbacks:
    """Calls a task's callbacks as `fit` does."""

    def __init__(
        self, given: list[Any], model: keras.Model, *, files: CallbackFiles, epochs: int, steps: int | None
    ) -> None:
        self.given = given
        self._files = files
        self._last = _LastLogs()
        files.take(given)
        self.list = keras.callbacks.CallbackList(
            [*given, self._last], add_history=True, model=model, verbose=0, epochs=epochs, steps=steps
        )

    @property
    def model(self) -> keras.Model:
        """The model that they see."""
        return self.list.model

    def set_model(self, model: keras.Model) -> None:
        """Show them another model."""
        self.list.set_model(model)

    def watch_batches(self, *, training: bool) -> bool:
        """Whether one of them does something at each batch of the training, or of the validation."""
        hooks = _TRAIN if training else _TEST
        return any(_overrides(callback, hook) for callback in self.given for hook in hooks)

    def batch_hooks(self) -> "BatchHooks":
        """Returns what Keras's own loop gets as its callbacks."""
        return BatchHooks(self, stopped=self.model.stop_training)

    def begin(self) -> None:
        """Tell them that the training begins."""
        self.model.stop_training = False
        with self._inside():
            self.list.on_train_begin()

    def begin_epoch(self, epoch: int) -> None:
        """Tell them that an epoch begins. The first is 0, as in Keras."""
        with self._inside():
            self.list.on_epoch_begin(epoch)

    @contextmanager
    def testing(self) -> Iterator[dict[str, Any]]:
        """Tell them that a validation begins and ends. They may exchange the weights meanwhile.

        Yields a dictionary for what the validation reports.
        """
        logs: dict[str, Any] = {}
        with self._inside():
            self.list.on_test_begin()
        yield logs
        with self._inside():
            self.list.on_test_end(logs)

    def end_epoch(self, epoch: int, logs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell them that an epoch ends, and what it reports. Returns this with all that they add."""
        with self._inside():
            self.list.on_epoch_end(epoch, dict(logs))
        return self._last.logs

    def end(self, logs: Mapping[str, Any] | None) -> None:
        """Tell them that the training ends."""
        with self._inside():
            self.list.on_train_end(logs)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        if not self.given:
            yield
            return
        with self._files.inside():
            yield


class BatchHooks(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Passes the batches of Keras's own loop on to a trial's callbacks. The trial tells them everything else itself."""

    def __init__(self, callbacks: Callbacks, *, stopped: bool) -> None:
        super().__init__()
        self._callbacks = callbacks
        self.epoch_logs: Mapping[str, Any] = {}
        """What the last epoch of Keras's loop reported."""
        self._stopped = stopped
        """Whether the training was stopped before Keras's loop began, which would forget it."""

    def on_train_begin(self, logs: Any = None) -> None:
        self._callbacks.model.stop_training = self._stopped

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """The trial has told them."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch_logs = dict(logs or {})

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._callbacks.list.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._callbacks.list.on_train_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._callbacks.list.on_test_batch_begin(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._callbacks.list.on_test_batch_end(batch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """The training goes on with the next epoch."""

    def on_test_begin(self, logs: Any = None) -> None:
        """The trial has told them."""

    def on_test_end(self, logs: Any = None) -> None:
        """The trial tells them."""


def checked(given: Any, task: Task) -> list[Any]:
    """Returns the callbacks that a task's function returned, without those that a trial replaces.

    Raises TaskError if it returned anything else.
    """
    items = [] if given is None else keras.tree.flatten(given) if isinstance(given, list | tuple) else [given]
    for item in items:
        if isinstance(item, type) or not isinstance(item, keras.callbacks.Callback):
            place = f"{line_of(task, 'callbacks')}: callbacks() of task {task.name!r}"
            raise TaskError(f"{place} returned {one_line(short(item))}; it must return a list of Keras callbacks")
    backups = [item for item in items if isinstance(item, keras.callbacks.BackupAndRestore)]
    if backups:
        print("BackupAndRestore is left out, because a trial is resumed from its own checkpoint.")
    return [item for item in items if item not in backups]


@contextmanager
def no_saving(model: keras.Model) -> Iterator[None]:
    """Have a model save nothing, because it does not have the weights of the epoch that callbacks see."""
    for name in _SAVING:
        vars(model)[name] = lambda *given, **named: None
    try:
        yield
    finally:
        for name in _SAVING:
            del vars(model)[name]


def _overrides(callback: Any, hook: str) -> bool:
    if isinstance(callback, keras.callbacks.ModelCheckpoint) and callback.save_freq == "epoch":
        own = getattr(type(callback), hook) is not getattr(keras.callbacks.ModelCheckpoint, hook)
        return own and not getattr(getattr(callback, hook), "_is_default", False)
    return not getattr(getattr(callback, hook), "_is_default", False)
