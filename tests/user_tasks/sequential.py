"""The commonest kind of Keras model, without an input of its own."""

import keras

from tests.user_tasks.points import Points


class Sequential(Points):
    name = "sequential"

    def build(self, settings, *, steps):
        layers = [keras.layers.Dense(int(settings["units"]), "relu"), keras.layers.Dense(1, "sigmoid")]
        return self.compiled(keras.Sequential(layers), settings)


task = Sequential()
