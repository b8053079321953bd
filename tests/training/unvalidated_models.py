"""Models that train and cannot be validated."""

from typing import Any

import keras


class NoAnswer(keras.Model):  # type: ignore[misc]
    """Trains by a step of its own, and can be asked nothing."""

    def train_step(self, data: Any) -> Any:
        return {"energy": keras.ops.sum(data[0])}


class NoLoss(NoAnswer):
    def call(self, x: Any) -> Any:
        return x
