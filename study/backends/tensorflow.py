"""Keras on TensorFlow."""

import tensorflow as tf


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
