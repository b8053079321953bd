"""A model whose class overrides `fit`, which a trial does not call."""

import keras

from study.task import Fidelity
from tests.user_tasks.points import Points


class Scheduled(keras.Model):
    def fit(self, *args, **kwargs):
        halve = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * 0.5**epoch)
        return super().fit(*args, callbacks=[halve], **kwargs)


class OwnFit(Points):
    name = "own_fit"
    fidelity = Fidelity(epochs=4, train_examples=96, validation_examples=48)

    def build(self, settings, *, steps):
        inputs = keras.Input((8,))
        hidden = keras.layers.Dense(int(settings["units"]), activation="relu")(inputs)
        return self.compiled(Scheduled(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden)), settings)


task = OwnFit()
