"""Builds the model of a trial, before its first epoch."""

import math
from typing import TYPE_CHECKING

from study.space.trial import TrialConfig
from study.task import Task

if TYPE_CHECKING:
    import keras

_KERAS_BATCH_SIZE = 32


def build(task: Task, config: TrialConfig) -> "keras.Model":
    """Build the compiled model of a trial, untrained."""
    import keras  # Here, because the launcher imports this module's callers and must not load TensorFlow.

    # This seeds the initial weights, dropout, and every other random layer of the model that has no seed of its own.
    keras.utils.set_random_seed(config.seed_for("weights"))
    return task.build(config.settings, steps=steps(config))


def steps(config: TrialConfig) -> int:
    """Returns how many batches the whole trial trains on."""
    return config.fidelity.epochs * math.ceil(config.fidelity.train_examples / batch_size(config))


def batch_size(config: TrialConfig) -> int:
    """Returns the task's setting `batch_size`, or Keras's own 32 if the task has no such setting."""
    return int(config.settings.get("batch_size", _KERAS_BATCH_SIZE))
