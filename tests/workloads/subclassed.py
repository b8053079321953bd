"""A model class of one's own with a layer of one's own, which Keras can save."""

from typing import Annotated

import keras
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


@keras.saving.register_keras_serializable("digits")
class Scale(layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, inputs):
        return inputs * self.factor


@keras.saving.register_keras_serializable("digits")
class Reader(keras.Model):
    def __init__(self, units, scaled, **options):
        super().__init__(**options)
        self.scale = Scale() if scaled else layers.Identity()
        self.hidden, self.digit = layers.Dense(units, activation="relu"), layers.Dense(10, activation="softmax")
        self.dropout = layers.Dropout(0.2)

    def call(self, images, training=False):
        return self.digit(self.dropout(self.hidden(self.scale(images)), training=training))


def data():
    images, labels = load_digits(return_X_y=True)
    return {"pool": (images[:400].astype("float32") / 16, labels[:400])}


def build(units: Annotated[int, 1, 512] = 16, scaled: bool = True, learning_rate: float = 1e-2):
    model = Reader(units, scaled)
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
