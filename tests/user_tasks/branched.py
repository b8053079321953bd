"""A small functional model with a shortcut, whose layers a study leaves out."""

import keras

from tests.user_tasks.points import Points


class Branched(Points):
    name = "branched"

    def build(self, settings, *, steps):
        inputs = keras.Input((8,))
        x = keras.layers.Dense(int(settings["units"]), "relu", name="hidden")(inputs)
        y = keras.layers.Dense(int(settings["units"]), "relu", name="branch")(x)
        x = keras.layers.Add(name="sum")([x, y])
        return self.compiled(keras.Model(inputs, keras.layers.Dense(1, "sigmoid", name="answer")(x)), settings)


task = Branched()
