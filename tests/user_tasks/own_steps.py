"""A GAN and a VAE as Keras's examples write them: steps of their own, without `call`, targets or a `loss`."""

from typing import Literal

import keras
import numpy as np
from keras import layers, ops

epochs, batch_size = 4, 16


def data():
    return {"pool": (np.random.default_rng(0).random((64, 6), np.float32),)}


class GAN(keras.Model):
    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((3,)), layers.Dense(6, activation="sigmoid")])
        self.discriminator = keras.Sequential([keras.Input((6,)), layers.Dropout(0.1), layers.Dense(1)])
        self.seed_generator = keras.random.SeedGenerator(1)
        self.d_loss_tracker, self.g_loss_tracker = keras.metrics.Mean("d_loss"), keras.metrics.Mean("g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.optimizers = {"d": d_optimizer, "g": g_optimizer}
        self.loss_fn = loss_fn

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def train_step(self, data):
        import tensorflow as tf

        real = data[0] if isinstance(data, tuple) else data
        size = ops.shape(real)[0]
        drawn = keras.random.normal((size, 3), seed=self.seed_generator)
        both = ops.concatenate([self.generator(drawn), real])
        labels = ops.concatenate([ops.ones((size, 1)), ops.zeros((size, 1))])
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(both, training=True))
        weights = self.discriminator.trainable_weights
        self.optimizers["d"].apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(ops.zeros((size, 1)), self.discriminator(self.generator(drawn), training=True))
        weights = self.generator.trainable_weights
        self.optimizers["g"].apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


class VAE(keras.Model):
    """Makes its layers' weights in its first step."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = layers.Dense(4), layers.Dense(6, activation="sigmoid")
        self.seed_generator = keras.random.SeedGenerator(2)
        self.tracker = keras.metrics.Mean("reconstruction")

    def train_step(self, data):
        import tensorflow as tf

        x = data[0] if isinstance(data, tuple) else data
        with tf.GradientTape() as tape:
            mean, deviation = ops.split(self.encoder(x), 2, axis=1)
            z = mean + ops.exp(deviation / 2) * keras.random.normal(ops.shape(mean), seed=self.seed_generator)
            loss = ops.mean((self.decoder(z) - x) ** 2)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self.tracker.update_state(loss)
        return {"reconstruction": self.tracker.result()}


def build(kind: Literal["gan", "vae"] = "gan"):
    if kind == "vae":
        model = VAE()
        model.compile(optimizer=keras.optimizers.Adam(0.01))
        return model
    model = GAN()
    optimizers = keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02)
    model.compile(*optimizers, keras.losses.BinaryCrossentropy(from_logits=True))
    return model
