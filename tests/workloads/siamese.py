"""Do two images show the same digit? One encoder looks at both."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


def data(pairs: Annotated[int, 50, 10_000] = 500):
    images, labels = load_digits(return_X_y=True)
    images = images.astype("float32") / 16
    chance = np.random.default_rng(0)
    left = chance.integers(0, len(images), pairs)
    alike = [chance.choice(np.flatnonzero(labels == labels[i])) for i in left]
    right = np.where(chance.random(pairs) < 0.5, alike, chance.integers(0, len(images), pairs))
    same = (labels[left] == labels[right]).astype("float32")
    return {"pool": ((images[left], images[right]), same[:, None])}


def build(
    units: Annotated[int, 1, 256] = 16,
    distance: Literal["absolute", "square"] = "absolute",
    learning_rate: float = 1e-2,
):
    encoder = keras.Sequential([keras.Input((64,)), layers.Dense(units, activation="tanh")])
    left, right = keras.Input((64,)), keras.Input((64,))
    difference = encoder(left) - encoder(right)
    difference = ops.abs(difference) if distance == "absolute" else ops.square(difference)
    model = keras.Model((left, right), layers.Dense(1, activation="sigmoid")(difference))
    model.compile(keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model
