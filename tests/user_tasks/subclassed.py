"""A model that is a class of its own. Its layers have no weights before it sees an example."""

import keras

from tests.user_tasks.points import Points


class Network(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.out = keras.layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.out(self.hidden(inputs))


class Subclassed(Points):
    name = "subclassed"

    def build(self, settings, *, steps):
        model = Network(int(settings["units"]))
        model.build((None, 8))
        return self.compiled(model, settings)


task = Subclassed()
