"""Passes over a set of examples: one compiled call with the set on the device, or Keras's own `fit` and `evaluate`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from study.data.dataset import StoredExamples
from study.space.trial import Metrics
from study.training.backends import backend as backends
from study.training.backends.backend import BatchLoop, ToStep

if TYPE_CHECKING:
    import keras

Parts = Callable[[np.ndarray], Iterator[tuple[Any, Any, np.ndarray]]]
"""Turns the order of a pass into parts of the set on the device: inputs, targets, and the order of their rows."""
_MEMORY_SHARE = 1 / 16
"""The share of the device's memory for one set: other workers may use the device too, and the model needs the most."""
_OWN_LOOP_METHODS = ("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function")
"""A model that overrides one of these brings its own training."""


class Pass(Protocol):
    """Trains or evaluates a model on examples of one set."""

    def prepare(self, count: int) -> None:
        """Compile what a pass over `count` examples needs. Nothing in the model changes."""

    def __call__(self, rows: np.ndarray) -> Metrics:
        """Take the examples in this order; the last batch may be smaller. Returns every metric."""


def make_pass(
    model: "keras.Model", examples: StoredExamples, *, batch: int, training: bool, limit: float | None = None
) -> Pass:
    """Returns a pass of a compiled model over these examples.

    The set goes to the device once, in its compact form, and becomes floats only in the model's step. If it takes more
    than `limit` bytes, by default a sixteenth of the device's memory, it is sent in parts; the numbers are the same.
    A model that brings its own training, or that runs eagerly, is left to its own `fit` and `evaluate`.
    """
    if _needs_keras_loop(model):
        return _KerasPass(model, examples, batch, training)
    backend, to_step = backends.load(), _conversion(model, examples)
    # This makes the metrics' variables, which must exist before a loop is compiled. Keras has no public way.
    model._symbolic_build(data_batch=to_step(*(array[np.arange(min(batch, len(array)))] for array in examples)))
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

    def __call__(self, rows: np.ndarray) -> Metrics:
        self.model.reset_metrics()
        for inputs, targets, part_rows in self.parts(rows.astype(np.int32)):
            self.loop(inputs, targets, part_rows)
        if self.training:  # As `fit` does at its end: an optimizer may average the weights.
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

    def __call__(self, rows: np.ndarray) -> Metrics:
        inputs, targets = (_as_numbers(array[rows]) for array in self.examples)
        if not self.training:
            metrics = self.model.evaluate(inputs, targets, batch_size=self.batch, verbose=0, return_dict=True)
            return {name: float(value) for name, value in metrics.items()}
        # The rows are in order already. Keras's own seeded shuffling gives every epoch the same order on TensorFlow.
        fitted = self.model.fit(inputs, targets, batch_size=self.batch, shuffle=False, verbose=0)
        return {name: float(values[-1]) for name, values in fitted.history.items()}


def _needs_keras_loop(model: "keras.Model") -> bool:
    import keras  # Here and below: the launcher imports this module's callers and must not load TensorFlow.

    if any(getattr(type(model), method) is not getattr(keras.Model, method) for method in _OWN_LOOP_METHODS):
        return True
    # A model that JAX may not compile runs operation by operation. On TensorFlow a graph works without such leave.
    return bool(model.run_eagerly or (keras.backend.backend() == "jax" and not model.jit_compile))


def _conversion(model: "keras.Model", examples: StoredExamples) -> ToStep:
    """Returns a function that turns a stored batch into what the model's step takes.

    Inputs get the type that the model declares. Whatever `fit` would turn into floats becomes floats.
    """
    import keras

    declared = getattr(model, "inputs", None)
    types = [keras.config.floatx() if array.dtype.kind in "bf" else None for array in examples]
    if declared:
        types[0] = declared[0].dtype
    return lambda *batch: tuple(keras.ops.cast(b, type_) if type_ else b for b, type_ in zip(batch, types, strict=True))


def _as_numbers(array: np.ndarray) -> np.ndarray:
    """Returns an array of bool as floats, because not every layer, loss and metric takes bool."""
    import keras

    return array.astype(keras.config.floatx()) if array.dtype == bool else array


def _bytes(examples: StoredExamples) -> int:
    return sum(array.nbytes for array in examples)


def _resident(examples: StoredExamples) -> Parts:
    """Put the whole set on the device now. Returns it as the only part of every pass."""
    import keras

    inputs, targets = (keras.ops.convert_to_tensor(np.asarray(array)) for array in examples)
    return lambda rows: iter([(inputs, targets, rows)])


def _streamed(examples: StoredExamples, *, batch: int, room: float) -> Parts:
    """Returns parts of as many whole batches as there is room for, at least one batch each."""
    inputs, targets = examples
    count = max(1, int(room * len(inputs) / _bytes(examples)) // batch) * batch

    def parts(rows: np.ndarray) -> Iterator[tuple[Any, Any, np.ndarray]]:
        for start in range(0, len(rows), count):
            part_rows = rows[start : start + count]
            yield inputs[part_rows], targets[part_rows], np.arange(len(part_rows), dtype=np.int32)

    return parts
