"""A layer, an activation and a loss of the user's own, inside `build`; none is registered with Keras."""

import keras

from tests.user_tasks.points import Points


class OwnLayer(Points):
    name = "own_layer"

    def build(self, settings, *, steps):
        class Scale(keras.layers.Layer):
            def __init__(self, size=1.0, **kwargs):
                super().__init__(**kwargs)
                self.size = size

            def call(self, inputs):
                return inputs * self.size

            def get_config(self):
                return {**super().get_config(), "size": self.size}

        def swishy(x):
            return x * keras.ops.sigmoid(x)

        def own_loss(y_true, y_pred):
            return keras.losses.binary_crossentropy(y_true, y_pred)

        inputs = keras.Input((8,))
        hidden = keras.layers.Dense(int(settings["units"]), activation=swishy)(Scale(2.0)(inputs))
        hidden = keras.layers.Lambda(lambda x: x * 1.5)(hidden)
        model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
        return self.compiled(model, settings, loss=own_loss)


task = OwnLayer()
