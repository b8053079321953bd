"""Keras on TensorFlow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from study.backends import Batches, host_memory
from study.entry import Kept

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

    def run(inputs: Any, targets: Any, rows: np.ndarray, *, dry: bool = False) -> None:
        steps(inputs, targets, rows[:0] if dry else rows)

    return run
