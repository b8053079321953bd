"""Which digit is written in an 8×8 image? A convolutional network as a `Sequential`."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


def data(noise: Annotated[float, 0, 1] = 0.0):
    images, labels = load_digits(return_X_y=True)
    images = images[:700].reshape(-1, 8, 8, 1).astype("float32") / 16
    images += noise * np.random.default_rng(0).standard_normal(images.shape, "float32")
    return {"pool": (images[:400], labels[:400]), "test": (images[400:], labels[400:700])}


def build(
    filters: Annotated[int, 1, 128] = 8,
    dropout: Annotated[float, 0, 0.9] = 0.25,
    normalise: bool = False,
    activation: Literal["relu", "gelu"] = "relu",
    learning_rate: float = 1e-2,
):
    model = keras.Sequential([keras.Input((8, 8, 1))])
    model.add(layers.Conv2D(filters, 3, activation=activation))
    if normalise:
        model.add(layers.BatchNormalization())
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
