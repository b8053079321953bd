"""Passes of a model over examples. They are one compiled call with the examples on the device, or Keras's own loops."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from study.data.dataset import StoredExamples
from study.space.trial import Metrics
from study.training.backends import backend as backends
from study.training.backends.backend import BatchLoop
from study.training.model_inputs import build_on, conversion, needs_keras_loop

if TYPE_CHECKING:
    import keras

Parts = Callable[[np.ndarray], Iterator[tuple[Any, Any, np.ndarray]]]
"""Turns the order of a pass into parts of the examples on the device: inputs, targets, and the order of their rows."""
_MEMORY_SHARE = 1 / 16
"""The share of the device's memory for one set of examples. The model and other workers need the rest."""


class Pass(Protocol):
    """Trains or evaluates a model on examples of one set."""

    def prepare(self, count: int) -> None:
        """Compile a pass over `count` examples. The model does not change."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Metrics:
        """Run the pass over the examples in this order. The last batch may be smaller. Returns every metric.

        `epoch` tells a model with its own way of training which epoch this is. The first is 1.
        """


def make_pass(
    model: "keras.Model", examples: StoredExamples, *, batch: int, training: bool, limit: float | None = None
) -> Pass:
    """Returns a pass of a compiled model over these examples.

    The examples go to the device once, in their compact form. Only the model's step turns them into floats. If they
    take more than `limit` bytes, by default a sixteenth of the device's memory, they are sent in parts. The numbers
    stay the same. If the model has its own way of training, or runs eagerly, its own `fit` and `evaluate` are used.
    """
    build_on(model, examples, batch=batch)
    if needs_keras_loop(model):
        return _KerasPass(model, examples, batch, training)
    backend, to_step = backends.load(), conversion(model, examples)
    room = backend.device_memory() * _MEMORY_SHARE if limit is None else limit
    parts = _resident(examples) if _bytes(examples) <= room else _streamed(examples, batch=batch, room=room)
    loop = backend.compile_loop(model, examples, to_step=to_step, batch=batch, training=training)
    return _CompiledPass(model, parts, loop, training)


@dataclass(frozen=True)
class _CompiledPass:
    model: "keras.Model"
    parts: Parts
    loop: BatchLoop
    training: bool

    def prepare(self, count: int) -> None:
        inputs, targets, rows = next(self.parts(np.zeros(count, np.int32)))
        self.loop(inputs, targets, rows, compile_only=True)

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Metrics:
        self.model.reset_metrics()
        for inputs, targets, part_rows in self.parts(rows.astype(np.int32)):
            self.loop(inputs, targets, part_rows)
        if self.training:  # `fit` does this at its end too, because an optimizer may average the weights.
            self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        return {name: float(value) for name, value in sorted(self.model.get_metrics_result().items())}


@dataclass(frozen=True)
class _KerasPass:
    model: "keras.Model"
    examples: StoredExamples
    batch: int
    training: bool

    def prepare(self, count: int) -> None:
        """Do nothing, because Keras compiles in the first pass."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Metrics:
        inputs, targets = (_as_numbers(array[rows]) for array in self.examples)
        if not self.training:
            metrics = self.model.evaluate(inputs, targets, batch_size=self.batch, verbose=0, return_dict=True)
            return {name: float(value) for name, value in metrics.items()}
        # The rows are in order already. Keras's own seeded shuffling gives every epoch the same order on TensorFlow.
        epochs = {"initial_epoch": epoch - 1, "epochs": epoch} if _takes_epochs(self.model.fit) else {}
        fitted = self.model.fit(inputs, targets, batch_size=self.batch, shuffle=False, verbose=0, **epochs)
        return {name: float(values[-1]) for name, values in fitted.history.items()}


def _takes_epochs(fit: Callable[..., Any]) -> bool:
    """Whether a `fit` knows where an epoch stands among all. One with `epochs` alone may count from 0 each time."""
    parameters = inspect.signature(fit).parameters
    named = {"initial_epoch", "epochs"} & parameters.keys()
    return len(named) == 2 or (not named and any(one.kind is one.VAR_KEYWORD for one in parameters.values()))


def _as_numbers(array: np.ndarray) -> Any:
    """Returns an array of bool as floats, because not every layer, loss and metric takes bool; texts as a tensor."""
    import keras

    if array.dtype.kind in "US":  # Keras takes no texts of NumPy's.
        return keras.ops.convert_to_tensor(array)

    return array.astype(keras.config.floatx()) if array.dtype == bool else array


def _bytes(examples: StoredExamples) -> int:
    return sum(array.nbytes for array in examples)


def _resident(examples: StoredExamples) -> Parts:
    """Put all examples on the device now. Returns them as the only part of every pass."""
    import keras

    inputs, targets = (keras.ops.convert_to_tensor(np.asarray(array)) for array in examples)
    return lambda rows: iter([(inputs, targets, rows)])


def _streamed(examples: StoredExamples, *, batch: int, room: float) -> Parts:
    """Returns the examples in parts that fit into `room` bytes. A part has whole batches, at least one."""
    inputs, targets = examples
    count = max(1, int(room * len(inputs) / _bytes(examples)) // batch) * batch

    def parts(rows: np.ndarray) -> Iterator[tuple[Any, Any, np.ndarray]]:
        for start in range(0, len(rows), count):
            part_rows = rows[start : start + count]
            yield inputs[part_rows], targets[part_rows], np.arange(len(part_rows), dtype=np.int32)

    return parts
