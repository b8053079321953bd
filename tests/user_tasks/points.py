"""Two classes of points in eight dimensions: the data and settings that most user tasks of the tests share."""

import numpy as np

from study.task import Fidelity, Setting


class Points:
    """192 points, a half of them to train on; two epochs of a network with one hidden layer."""

    name = "points"
    version = 1
    fidelity = Fidelity(epochs=2, train_examples=96, validation_examples=48)
    settings = {
        "units": Setting(4, low=1, high=64),
        "learning_rate": Setting(0.05, low=1e-9, high=1e9, part="training"),
    }

    def problems(self, settings):
        return []

    def data(self, settings, progress):
        chance = np.random.default_rng(0)
        x = chance.standard_normal((192, 8)).astype("float32")
        y = (x[:, 0] + x[:, 1] > 0).astype("uint8")
        return {"pool": (x[:96], y[:96]), "validation": (x[96:144], y[96:144]), "test": (x[144:], y[144:])}

    def build(self, settings, *, steps):
        import keras

        inputs = keras.Input((8,))
        hidden = keras.layers.Dense(int(settings["units"]), activation="relu")(inputs)
        return self.compiled(keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden)), settings)

    def compiled(self, model, settings, **others):
        import keras

        options = {"loss": "binary_crossentropy", "metrics": ["acc"], **others}
        model.compile(optimizer=keras.optimizers.Adam(settings["learning_rate"]), **options)
        return model


task = Points()
