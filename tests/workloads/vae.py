"""A variational autoencoder of 8×8 digits: a `train_step` of its own and no targets."""

import keras
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits


@keras.saving.register_keras_serializable()
class VAE(keras.Model):
    def __init__(self, size, **options):
        super().__init__(**options)
        self.size, self.chance, self.mean_loss = size, keras.random.SeedGenerator(1), keras.metrics.Mean("loss")
        self.encoder, self.decoder = layers.Dense(2 * size), layers.Dense(64, "sigmoid")

    def call(self, images):
        return self.decoder(ops.split(self.encoder(images), 2, axis=-1)[0])

    def train_step(self, images, learn=True):
        with tf.GradientTape() as tape:
            mean, log_var = ops.split(self.encoder(images), 2, axis=-1)
            code = mean + ops.exp(log_var / 2) * keras.random.normal(ops.shape(mean), seed=self.chance)
            kl = ops.sum(ops.square(mean) + ops.exp(log_var) - log_var - 1, axis=-1) / 2
            loss = ops.mean(64 * keras.losses.binary_crossentropy(images, self.decoder(code)) + kl)
        if learn:
            self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        self.mean_loss.update_state(loss)
        return {"loss": self.mean_loss.result()}

    def test_step(self, images):
        return self.train_step(images, learn=False)

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def data():
    images = load_digits().data.astype("float32") / 16
    return {"pool": (images[:400],), "validation": (images[400:600],)}


def build(size: int = 2, learning_rate: float = 1e-2):
    model = VAE(size)
    model.compile(keras.optimizers.Adam(learning_rate))
    return model
