"""A classifier of word numbers that takes sequences of any length."""

import keras
import numpy as np

from tests.user_tasks.points import Points


class AnyLength(Points):
    name = "any_length"

    def data(self, settings, progress):
        x = np.random.default_rng(0).integers(1, 50, (192, 12)).astype("int32")
        y = (x[:, 0] > 25).astype("uint8")
        return {"pool": (x[:96], y[:96]), "validation": (x[96:144], y[96:144]), "test": (x[144:], y[144:])}

    def build(self, settings, *, steps):
        layers = [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(50, 8),
            keras.layers.Conv1D(int(settings["units"]), 3, activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
        return self.compiled(keras.Sequential(layers), settings)


task = AnyLength()
