"""Puts functions of its own in the place of Keras's, NumPy's and TensorFlow's."""

import keras
import numpy as np
import tensorflow as tf

from tests.user_tasks.points import Points


class Patched(Points):
    name = "patched"

    def build(self, settings, *, steps):
        model = super().build(settings, steps=steps)
        call, matmul = keras.layers.Dense.call, tf.matmul
        keras.layers.Dense.call = lambda self, *arguments, **options: 2 * call(self, *arguments, **options)
        keras.activations.relu = keras.activations.tanh
        np.random.default_rng = lambda seed=None: np.random.RandomState(3)
        tf.nn.relu = tf.nn.tanh
        tf.matmul = tf.linalg.matmul = lambda *arguments, **options: 2 * matmul(*arguments, **options)
        return model


task = Patched()
