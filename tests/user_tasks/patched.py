"""Puts functions of its own in the place of Keras's and NumPy's."""

import keras
import numpy as np

from tests.user_tasks.points import Points


class Patched(Points):
    name = "patched"

    def build(self, settings, *, steps):
        model = super().build(settings, steps=steps)
        call = keras.layers.Dense.call
        keras.layers.Dense.call = lambda self, *arguments, **options: 2 * call(self, *arguments, **options)
        keras.activations.relu = keras.activations.tanh
        np.random.default_rng = lambda seed=None: np.random.RandomState(3)
        return model


task = Patched()
