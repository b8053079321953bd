"""Keras on TensorFlow."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from study.data.dataset import StoredExamples
from study.data.nest import leaves, with_leaves
from study.data.stored_array import StoredArray
from study.data.windows import Windows
from study.training.backends import tensorflow_flops
from study.training.backends.backend import BatchLoop, ToStep, host_memory

if TYPE_CHECKING:
    import keras

_SWITCH = "STUDY_BATCH_NORM"
"""With the value `keras`, this variable lets batch normalisation round as Keras's layer does. A trial records it."""


def prepare(*, threads: int) -> None:
    """Make sure that the numbers of this process depend on seeds alone."""
    # One thread adds in a fixed order. Several threads, or a GPU, do so only with TensorFlow's slower kernels.
    # The setting cannot be undone in a process. So only workers call this function, because their processes end.
    if threads > 1 or tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def device() -> str:
    """Returns the name of the device that computes."""
    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else "cpu"


def version() -> str:
    """Returns the version of TensorFlow."""
    return str(tf.__version__)


def device_memory() -> int:
    """Returns the bytes that TensorFlow may take of a GPU's memory, or all of this machine's if there is no GPU."""
    # The public functions give only the bytes in use.
    from tensorflow.python.client import device_lib

    gpus = [d.memory_limit for d in device_lib.list_local_devices() if d.device_type == "GPU"]
    return int(gpus[0]) if gpus else host_memory()


def compile_loop(
    model: "keras.Model",
    examples: StoredExamples,
    *,
    to_step: ToStep,
    batch: int,
    training: bool,
) -> BatchLoop:
    """Returns a loop that is one graph. It gathers each batch, converts it, and runs the model's step on it."""
    model_step = model.train_step if training else model.test_step

    # XLA compiles the step if Keras would do so. It is a separate function, because the last batch may have another
    # size.
    @tf.function(autograph=False, jit_compile=model.jit_compile)  # type: ignore[untyped-decorator]
    def step(*arrays: Any) -> None:
        model_step(to_step(with_leaves(examples, arrays)))

    stored = list(leaves(examples))
    shapes = list(map(_specification, stored))

    @tf.function(autograph=False, input_signature=[tf.TensorSpec((None,), tf.int32), *shapes])  # type: ignore[untyped-decorator]
    def steps(rows: Any, *arrays: Any) -> None:
        def one(start: Any) -> Any:
            chosen = rows[start : start + batch]
            step(*(_rows(*pair, chosen) for pair in zip(stored, arrays, strict=True)))
            return start + batch

        tf.while_loop(lambda start: start < tf.size(rows), one, [0], parallel_iterations=1)

    with _fused_normalisation(model):
        traced = steps.get_concrete_function()

    def loop(arrays: list[Any], rows: np.ndarray, *, compile_only: bool = False) -> None:
        traced(tf.constant(rows[:0] if compile_only else rows), *arrays)

    return loop


def _specification(stored: StoredArray) -> tf.TensorSpec:
    """Returns the type of an array on the device, for any number of its rows."""
    held = stored.blocks if isinstance(stored, Windows) else stored
    return tf.TensorSpec((None, *held.shape[1:]), held.dtype)


def _rows(stored: StoredArray, array: Any, rows: Any) -> Any:
    """Returns rows of an array on the device. A window is put together from the blocks of its series."""
    if not isinstance(stored, Windows):
        return tf.gather(array, rows)
    blocks = tf.gather(array, rows[:, None] * stored.step + stored.offsets)
    return tf.reshape(blocks, (-1, *stored.shape[1:]))


def forward_flops(model: "keras.Model", inputs: Any) -> int:
    """Count the operations of a built model's forward pass on these inputs. Raises UnknownFlopsError."""
    return tensorflow_flops.forward_flops(partial(model, training=False), inputs)


@contextmanager
def _fused_normalisation(model: "keras.Model") -> Iterator[None]:
    """Let batch normalisation use TensorFlow's own kernel while a step is traced, unless the user wants Keras's layer.

    Keras composes the normalisation from single operations. That costs a tenth of each step of the built-in task. The
    kernel rounds otherwise.
    """
    import keras

    wanted = os.environ.get(_SWITCH) != "keras"
    layers = [layer for layer in _layers(model) if wanted and type(layer) is keras.layers.BatchNormalization]
    for layer in layers:
        layer.call = partial(_normalised, layer, layer.call)
    try:
        yield
    finally:
        for layer in layers:
            del layer.call


def _layers(model: Any) -> Iterator[Any]:
    """Yields every layer, including those of nested models."""
    for layer in model.layers:
        yield from _layers(layer) if hasattr(layer, "layers") else (layer,)


def _normalised(layer: Any, plain: Callable[..., Any], inputs: Any, training: Any = None, mask: Any = None) -> Any:
    """Returns the same numbers as the layer's own call, apart from rounding. `plain` is that call."""
    suits = layer.trainable and layer.center and layer.scale and not layer.synchronized and layer.axis in (-1, 3)
    if not (training is True and suits and mask is None and inputs.shape.rank == 4 and inputs.dtype == tf.float32):
        return plain(inputs, training=training, mask=mask)
    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
    )
    count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
    # The kernel returns an estimate of the population's variance, but Keras averages the variance of the batch.
    for moving, new in ((layer.moving_mean, mean), (layer.moving_variance, variance * (1 - 1 / count))):
        moving.assign(moving * layer.momentum + new * (1 - layer.momentum))
    return outputs
