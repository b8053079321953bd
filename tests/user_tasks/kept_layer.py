"""A layer, a counter and a registered class that the task and its module keep from model to model."""

import keras

from tests.user_tasks.points import Points

BUILT = []


@keras.saving.register_keras_serializable(package="tests")
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2


class KeptLayer(Points):
    name = "kept_layer"
    body = None

    def build(self, settings, *, steps):
        BUILT.append(settings)
        KeptLayer.body = KeptLayer.body or keras.layers.Dense(8, activation="relu", name="body")
        inputs = keras.Input((8,))
        hidden = Doubled()(KeptLayer.body(inputs)) / len(BUILT)
        return self.compiled(keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden)), settings)


task = KeptLayer()
