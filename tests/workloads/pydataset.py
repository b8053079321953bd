"""A `PyDataset` that augments each batch, its chance from the seed that it is given."""

from typing import Annotated

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits


class Noisy(keras.utils.PyDataset):
    def __init__(self, images, labels, noise, seed):
        super().__init__()
        self.images, self.labels, self.noise, self.seed = images, labels, noise, seed
        self.order = np.random.default_rng(seed).permutation(len(images))

    def __len__(self):
        return -(-len(self.images) // 32)

    def __getitem__(self, batch):
        rows = self.order[32 * batch : 32 * batch + 32]
        chance = np.random.default_rng([self.seed, batch])
        noise = self.noise * chance.standard_normal((len(rows), 64), "float32")
        return self.images[rows] + noise, self.labels[rows]


def data(noise: Annotated[float, 0, 1] = 0.1):
    images, labels = load_digits(return_X_y=True)
    images = images.astype("float32") / 16
    validation = images[400:600], labels[400:600]
    return {"pool": lambda seed: Noisy(images[:400], labels[:400], noise, seed), "validation": validation}


def build(units: Annotated[int, 1, 256] = 16, learning_rate: float = 1e-2):
    model = keras.Sequential([keras.Input((64,)), layers.Dense(units, "relu"), layers.Dense(10, "softmax")])
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
