"""Keras on TensorFlow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from study.data.dataset import Kept
from study.training.backends.backend import Batches, host_memory

if TYPE_CHECKING:
    import keras


def prepare(*, threads: int) -> None:
    """Make the numbers of this process depend on seeds alone."""
    # One thread adds in one order. Several need TensorFlow's slower kernels to do the same.
    if threads > 1 or tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def device() -> str:
    """The device that computes, in a word or two."""
    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else "cpu"


def version() -> str:
    """The backend's version."""
    return str(tf.__version__)


def memory() -> int:
    """Bytes of memory of the device: what TensorFlow may take of a GPU's, or all of this machine's."""
    # Public are only the bytes in use.
    from tensorflow.python.client import device_lib

    gpus = [found.memory_limit for found in device_lib.list_local_devices() if found.device_type == "GPU"]
    return int(gpus[0]) if gpus else host_memory()


def compiled(
    model: "keras.Model",
    examples: Kept,
    *,
    see: Callable[[Any, Any], tuple[Any, Any]],
    batch: int,
    training: bool,
) -> Batches:
    """A loop in one graph, in which each batch is gathered, seen and given to the model's step."""
    take = model.train_step if training else model.test_step

    # Compiled by XLA where Keras would do so; of its own, for the last batch may have another size.
    @tf.function(autograph=False, jit_compile=model.jit_compile)  # type: ignore[untyped-decorator]
    def step(inputs: Any, targets: Any) -> None:
        take(see(inputs, targets))

    like = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in examples]

    @tf.function(autograph=False, input_signature=[*like, tf.TensorSpec((None,), tf.int32)])  # type: ignore[untyped-decorator]
    def steps(inputs: Any, targets: Any, rows: Any) -> None:
        def one(start: Any) -> Any:
            chosen = rows[start : start + batch]
            step(tf.gather(inputs, chosen), tf.gather(targets, chosen))
            return start + batch

        tf.while_loop(lambda start: start < tf.size(rows), one, [0], parallel_iterations=1)

    with _kernels(model):
        traced = steps.get_concrete_function()

    def run(inputs: Any, targets: Any, rows: np.ndarray, *, dry: bool = False) -> None:
        traced(inputs, targets, tf.constant(rows[:0] if dry else rows))

    return run


@contextmanager
def _kernels(model: "keras.Model") -> Iterator[None]:
    """Have whatever is traced meanwhile normalise batches by TensorFlow's kernel for that.

    Keras puts the normalisation together from single operations, which costs a tenth of a step of the built-in task.
    """
    import keras

    layers = [layer for layer in _layers(model) if type(layer) is keras.layers.BatchNormalization]
    for layer in layers:
        layer.call = partial(_normalised, layer, layer.call)
    try:
        yield
    finally:
        for layer in layers:
            del layer.call


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield from _layers(layer) if hasattr(layer, "layers") else (layer,)


def _normalised(layer: Any, plain: Callable[..., Any], inputs: Any, training: Any = None, mask: Any = None) -> Any:
    """What the layer's own call, `plain`, gives but for rounding; it is called where the kernel does not suit."""
    suits = layer.trainable and layer.center and layer.scale and not layer.synchronized and layer.axis in (-1, 3)
    if not (training is True and suits and mask is None and inputs.shape.rank == 4 and inputs.dtype == tf.float32):
        return plain(inputs, training=training, mask=mask)
    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
    )
    count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
    # The kernel estimates the variance of the population; Keras keeps that of the batch.
    for moving, new in ((layer.moving_mean, mean), (layer.moving_variance, variance * (1 - 1 / count))):
        moving.assign(moving * layer.momentum + new * (1 - layer.momentum))
    return outputs
