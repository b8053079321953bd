"""Data and a model that draw from the generators of the whole process, and an order that hashes decide."""

import random

import keras
import numpy as np
import tensorflow as tf

from tests.user_tasks.points import Points

CHANCE = np.random.rand()


class GlobalDraws(Points):
    name = "global_draws"

    def data(self, settings, progress):
        order = list({f"column {number}" for number in range(8)})
        splits = {}
        for split, (x, y) in super().data(settings, progress).items():
            shift = random.random() + np.random.rand() + float(keras.random.uniform(())) + CHANCE
            columns = [int(name.removeprefix("column ")) for name in order]
            splits[split] = ((x[:, columns] + shift).astype("float32"), y)
        return splits

    def build(self, settings, *, steps):
        inputs = keras.Input((8,))
        weights = random.random() * tf.random.get_global_generator().normal((8,)) + np.random.rand()
        hidden = keras.layers.Dropout(0.2)(inputs * keras.ops.convert_to_tensor(weights))
        return self.compiled(keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden)), settings)


task = GlobalDraws()
