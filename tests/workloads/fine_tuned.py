"""A head learns on a frozen base; then the base learns with it, more slowly."""

from typing import Annotated

import keras
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 4, 32


def data():
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1).astype("float32") / 16
    return {"pool": (images[:400], labels[:400])}


def compile_at(model, learning_rate):
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def build(filters: Annotated[int, 1, 128] = 8, learning_rate: float = 1e-2):
    convolutions = [layers.Conv2D(filters, 3, activation="relu"), layers.Flatten()]
    base = keras.Sequential([keras.Input((8, 8, 1)), *convolutions], name="base")
    base.trainable = False
    model = keras.Sequential([base, layers.Dropout(0.2), layers.Dense(10, activation="softmax")])
    return compile_at(model, learning_rate)


def before_epoch(model, epoch, frozen_for: Annotated[int, 0, 100] = 2, slow_rate: float = 1e-3):
    if epoch == frozen_for:
        model.get_layer("base").trainable = True
        compile_at(model, slow_rate)
