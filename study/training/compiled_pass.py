"""Passes of a model over examples. They are one compiled call with the examples on the device, or Keras's own loops."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from study.data.dataset import SplitData, StoredExamples
from study.data.nest import Nest, count, leaves, map_nest, take
from study.data.stored_array import on_device
from study.data.stream import Stream
from study.training.backends import backend as backends
from study.training.backends.backend import BatchLoop
from study.training.keras_loop import cannot_answer, evaluate, fit_epoch, say_not_validated
from study.training.metric_values import Logs, as_logs
from study.training.model_inputs import build_on, check_batches, conversion, fixed_batch, needs_keras_loop
from study.training.stream_pass import StreamPass

if TYPE_CHECKING:
    import keras

    from study.training.callbacks import Callbacks

Parts = Callable[[np.ndarray], Iterator[tuple[list[Any], np.ndarray]]]
"""Turns the order of a pass into parts of the examples: their arrays, on the device, and the order of their rows."""
_MEMORY_SHARE = 1 / 16
"""The share of the device's memory for one set of examples. The model and other workers need the rest."""


class Pass(Protocol):
    """Trains or evaluates a model on examples of one set."""

    def prepare(self, count: int) -> None:
        """Compile a pass over `count` examples. The model does not change."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Logs:
        """Run the pass over the examples in this order. The last batch may be smaller. Returns every metric.

        `epoch` tells a model with its own way of training which epoch this is. The first is 1.
        """


def make_pass(
    model: "keras.Model",
    examples: SplitData,
    *,
    batch: int,
    training: bool,
    limit: float | None = None,
    callbacks: "Callbacks | None" = None,
) -> Pass:
    """Returns a pass of a compiled model over these examples. A model may fix the batch size of its validation.

    The examples go to the device once, in their compact form. Only the model's step turns them into floats. If they
    take more than `limit` bytes, by default a sixteenth of the device's memory, they are sent in parts. The numbers
    stay the same. If the model has its own way of training, or runs eagerly, its own `fit` and `evaluate` are used.
    They are used for a stream, too, and if a callback sees each batch. If the model cannot be validated, a validation
    has no metrics, and the log says why.
    """
    build_on(model, examples, batch=batch)
    if not training and cannot_answer(model):
        say_not_validated("its class has neither `call` nor `test_step`")
        return _NoPass()
    batch = batch if training else fixed_batch(model) or batch
    if isinstance(examples, Stream):
        return StreamPass(model, examples, training, callbacks)
    if needs_keras_loop(model) or (callbacks and callbacks.watch_batches(training=training)):
        return _KerasPass(model, examples, batch, training, callbacks)
    backend, to_step = backends.load(), conversion(examples)
    room = backend.device_memory() * _MEMORY_SHARE if limit is None else limit
    if _bytes(examples) <= room:
        parts = _resident(examples)
    else:
        parts = _streamed(examples, batch=batch, room=room)
        examples = take(examples, np.arange(1))  # As they are in the parts: neither packed nor windows over a series.
    loop = backend.compile_loop(model, examples, to_step=to_step, batch=batch, training=training)
    return _CompiledPass(model, parts, loop, batch)


@dataclass(frozen=True)
class _CompiledPass:
    model: "keras.Model"
    parts: Parts
    loop: BatchLoop
    batch: int

    def prepare(self, count: int) -> None:
        check_batches(self.model, count, batch=self.batch)
        arrays, rows = next(self.parts(np.zeros(count, np.int32)))
        self.loop(arrays, rows, compile_only=True)

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Logs:
        self.model.reset_metrics()
        for arrays, part_rows in self.parts(rows.astype(np.int32)):
            self.loop(arrays, part_rows)
        return as_logs(self.model.get_metrics_result())


@dataclass(frozen=True)
class _KerasPass:
    model: "keras.Model"
    examples: StoredExamples
    batch: int
    training: bool
    callbacks: "Callbacks | None"

    def prepare(self, count: int) -> None:
        """Check the sizes of the batches. Keras compiles in the first pass."""
        check_batches(self.model, count, batch=self.batch)

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Logs:
        parts = zip(("x", "y", "sample_weight"), map_nest(_as_numbers, take(self.examples, rows)), strict=False)
        given = {**dict(parts), "batch_size": self.batch}
        if self.training:
            return fit_epoch(self.model, self.callbacks, epoch=epoch, **given)
        return evaluate(self.model, self.callbacks, **given)


@dataclass(frozen=True)
class _NoPass:
    """Stands in the place of a validation that is impossible."""

    def prepare(self, count: int) -> None:
        """Do nothing."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Logs:
        return {}


def _as_numbers(array: np.ndarray) -> Nest:
    """Returns an array of bool as floats, because not every layer, loss and metric takes bool; texts as a tensor."""
    import keras

    if array.dtype.kind in "OSU":  # Keras takes no texts of NumPy's.
        return keras.ops.convert_to_tensor(array)

    return array.astype(keras.config.floatx()) if array.dtype == bool else array


def _bytes(examples: StoredExamples) -> int:
    return sum(array.nbytes for array in leaves(examples))


def _resident(examples: StoredExamples) -> Parts:
    """Put all examples on the device now. Returns them as the only part of every pass."""
    import keras

    arrays = [keras.ops.convert_to_tensor(on_device(array)) for array in leaves(examples)]
    return lambda rows: iter([(arrays, rows)])


def _streamed(examples: StoredExamples, *, batch: int, room: float) -> Parts:
    """Returns the examples in parts that fit into `room` bytes. A part has whole batches, at least one."""
    size = max(1, int(room * count(examples) / _bytes(examples)) // batch) * batch

    def parts(rows: np.ndarray) -> Iterator[tuple[list[Any], np.ndarray]]:
        for start in range(0, len(rows), size):
            part_rows = rows[start : start + size]
            yield list(leaves(take(examples, part_rows))), np.arange(len(part_rows), dtype=np.int32)

    return parts
