"""Batches that are made one after another, in an order that follows from a seed: a task of functions."""

import keras
import numpy as np

epochs = 2


class Batches(keras.utils.PyDataset):
    """Shuffled examples with a little noise."""

    def __init__(self, x, y, seed):
        super().__init__()
        self.x, self.y, self.seed = x, y, seed
        self.order = np.random.default_rng(seed).permutation(len(x))

    def __len__(self):
        return -(-len(self.x) // 10)

    def __getitem__(self, number):
        rows = self.order[number * 10 : (number + 1) * 10]
        noise = np.random.default_rng([self.seed, number]).normal(0, 0.1, self.x[rows].shape)
        return (self.x[rows] + noise).astype("float32"), self.y[rows]


def data(fixed: bool = False):
    x = np.random.default_rng(0).standard_normal((130, 6)).astype("float32")
    y = (x[:, 0] > 0).astype("float32")[:, None]
    pool, test = (lambda seed: Batches(x[:84], y[:84], seed)), (lambda seed: Batches(x[104:], y[104:], seed))
    validation = x[84:104], y[84:104]
    return {"pool": pool(0) if fixed else pool, "validation": validation, "test": test}


def build(steps, units: int = 4):
    model = keras.Sequential(
        [keras.layers.Dense(units, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.1, steps)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["acc"])
    return model
