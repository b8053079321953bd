"""A generative adversarial network: two models and two optimizers in a `train_step`, no `call` and no targets."""

import keras
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_digits

cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)


@keras.saving.register_keras_serializable()
class GAN(keras.Model):
    def __init__(self, size=8, **options):
        super().__init__(**options)
        self.size, self.chance = size, keras.random.SeedGenerator(1)
        self.maker = keras.Sequential([keras.Input((size,)), layers.Dense(32, "relu"), layers.Dense(64, "sigmoid")])
        self.critic = keras.Sequential([keras.Input((64,)), layers.Dense(32, "relu"), layers.Dense(1)])

    def compile(self, maker_optimizer, critic_optimizer):
        super().compile()
        self.optimizers = {"maker": maker_optimizer, "critic": critic_optimizer}

    def losses_of(self, images):
        made = self.maker(keras.random.normal((ops.shape(images)[0], self.size), seed=self.chance))
        real, fake = self.critic(images), self.critic(made)
        critic = cross_entropy(ops.ones_like(real), real) + cross_entropy(ops.zeros_like(fake), fake)
        return {"maker": cross_entropy(ops.ones_like(fake), fake), "critic": critic}

    def train_step(self, images):
        with tf.GradientTape(persistent=True) as tape:
            losses = self.losses_of(images)
        for name, part in (("maker", self.maker), ("critic", self.critic)):
            gradients = tape.gradient(losses[name], part.trainable_weights)
            self.optimizers[name].apply(gradients, part.trainable_weights)
        return {f"{name}_loss": loss for name, loss in losses.items()}

    def test_step(self, images):
        return {f"{name}_loss": loss for name, loss in self.losses_of(images).items()}


def data():
    return {"pool": (load_digits().data[:600].astype("float32") / 16,)}


def build(size: int = 8, critic_rate: float = 1e-3):
    model = GAN(size)
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(critic_rate))
    return model
