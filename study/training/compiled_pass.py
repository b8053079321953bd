"""Whole passes over a set of examples: one compiled call with the set on the device, or a model's own way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from study.data.dataset import Kept
from study.space.trial import Metrics
from study.training.backends import backend as backends
from study.training.backends.backend import Batches

if TYPE_CHECKING:
    import keras

Parts = Callable[[np.ndarray], Iterator[tuple[Any, Any, np.ndarray]]]
"""From the order of a pass to parts of the set on the device, each with the order of its own rows."""
_SHARE = 1 / 16
"""Of the device's memory, for one set: other workers may use the device too, and the model needs the most."""
_HOOKS = ("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function")


class Pass(Protocol):
    """Trains or evaluates a model on examples of one set."""

    def prepare(self, count: int) -> None:
        """Compile what a pass over so many examples needs; nothing of the model changes."""

    def __call__(self, rows: np.ndarray) -> Metrics:
        """Go through these examples in this order, the last batch as small as it comes out: every metric."""


def over(model: "keras.Model", examples: Kept, *, batch: int, training: bool, limit: float | None = None) -> Pass:
    """A pass of a compiled model over these examples.

    They go to the device once, as compact as they are, and become floats in the model's step. Where they take more than
    `limit` bytes, by default a sixteenth of the device's memory, parts are sent in the order asked for: the numbers are
    the same. A model that brings its own training, or runs eagerly, is left to its `fit` and `evaluate`.
    """
    if _has_own_way(model):
        return _OwnWay(model, examples, batch, training)
    backend, see = backends.load(), _sight(model, examples)
    # It makes the metrics' variables, which a compiled loop must find there; Keras has no public way.
    model._symbolic_build(data_batch=see(*(array[np.arange(min(batch, len(array)))] for array in examples)))
    room = backend.memory() * _SHARE if limit is None else limit
    parts = _resident(examples) if _bytes(examples) <= room else _streamed(examples, batch=batch, room=room)
    return _Compiled(model, parts, backend.compiled(model, examples, see=see, batch=batch, training=training), training)


@dataclass(frozen=True)
class _Compiled:
    model: "keras.Model"
    parts: Parts
    run: Batches
    training: bool

    def prepare(self, count: int) -> None:
        inputs, targets, rows = next(self.parts(np.zeros(count, np.int32)))
        self.run(inputs, targets, rows, dry=True)

    def __call__(self, rows: np.ndarray) -> Metrics:
        self.model.reset_metrics()
        for inputs, targets, chosen in self.parts(rows.astype(np.int32)):
            self.run(inputs, targets, chosen)
        if self.training:  # As `fit` does at its end, for an optimizer that averages the weights.
            self.model.optimizer.finalize_variable_values(self.model.trainable_weights)
        return {name: float(value) for name, value in sorted(self.model.get_metrics_result().items())}


@dataclass(frozen=True)
class _OwnWay:
    model: "keras.Model"
    examples: Kept
    batch: int
    training: bool

    def prepare(self, count: int) -> None:
        """It compiles in its first pass."""

    def __call__(self, rows: np.ndarray) -> Metrics:
        inputs, targets = (_as_numbers(array[rows]) for array in self.examples)
        if not self.training:
            found = self.model.evaluate(inputs, targets, batch_size=self.batch, verbose=0, return_dict=True)
            return {name: float(value) for name, value in found.items()}
        # Keras's own seeded shuffling gives every epoch the same order on TensorFlow.
        fitted = self.model.fit(inputs, targets, batch_size=self.batch, shuffle=False, verbose=0)
        return {name: float(values[-1]) for name, values in fitted.history.items()}


def _has_own_way(model: "keras.Model") -> bool:
    import keras

    if any(getattr(type(model), hook) is not getattr(keras.Model, hook) for hook in _HOOKS):
        return True
    # What JAX may not compile it runs operation by operation; TensorFlow's graphs need no such leave.
    return bool(model.run_eagerly or (keras.backend.backend() == "jax" and not model.jit_compile))


def _sight(model: "keras.Model", examples: Kept) -> Callable[[Any, Any], tuple[Any, Any]]:
    """What the model's step sees of a batch: its inputs as it declares them, and what `fit` makes floats as floats."""
    import keras

    declared = getattr(model, "inputs", None)
    kinds = [keras.config.floatx() if array.dtype.kind in "bf" else None for array in examples]
    if declared:
        kinds[0] = declared[0].dtype
    return lambda *batch: tuple(keras.ops.cast(b, kind) if kind else b for b, kind in zip(batch, kinds, strict=True))


def _as_numbers(array: np.ndarray) -> np.ndarray:
    # Not every layer, loss and metric takes bool.
    import keras

    return array.astype(keras.config.floatx()) if array.dtype == bool else array


def _bytes(examples: Kept) -> int:
    return sum(array.nbytes for array in examples)


def _resident(examples: Kept) -> Parts:
    """The whole set, placed on the device now."""
    import keras

    inputs, targets = (keras.ops.convert_to_tensor(np.asarray(array)) for array in examples)
    return lambda rows: iter([(inputs, targets, rows)])


def _streamed(examples: Kept, *, batch: int, room: float) -> Parts:
    """As many whole batches at a time as there is room for, at least one."""
    inputs, targets = examples
    count = max(1, int(room * len(inputs) / _bytes(examples)) // batch) * batch

    def parts(rows: np.ndarray) -> Iterator[tuple[Any, Any, np.ndarray]]:
        for start in range(0, len(rows), count):
            chosen = rows[start : start + count]
            yield inputs[chosen], targets[chosen], np.arange(len(chosen), dtype=np.int32)

    return parts
