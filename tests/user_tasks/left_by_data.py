"""Data that leave numbers and settings behind, which the model would use if it could."""

import keras
import numpy as np

from tests.user_tasks.points import Points

SCALE = [1.0]


class LeftByData(Points):
    name = "left_by_data"
    shift = 0.0

    def data(self, settings, progress):
        splits = super().data(settings, progress)
        self.shift = float(splits["pool"][0].mean())
        SCALE.append(float(splits["pool"][0].std()) * 3)
        keras.config.set_dtype_policy("mixed_bfloat16")
        keras.config.set_epsilon(1e-2)
        np.random.seed(5)
        return splits

    def build(self, settings, *, steps):
        inputs = keras.Input((8,))
        hidden = keras.layers.Dense(4, activation="relu")(inputs * SCALE[-1] + self.shift)
        return self.compiled(keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden)), settings)


task = LeftByData()
