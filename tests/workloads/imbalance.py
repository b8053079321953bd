"""One example in ten is a case: weights of examples or of classes, and metrics without names."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers, metrics

epochs, batch_size = 3, 32


def data(weights: Literal["none", "class", "sample"] = "class", share: Annotated[float, 0.01, 0.5] = 0.1):
    chance = np.random.default_rng(0)
    x = chance.normal(size=(600, 6)).astype("float32")
    case = (x[:, 0] + x[:, 1] > np.quantile(x[:, 0] + x[:, 1], 1 - share)).astype("float32")
    weight = np.where(case == 1, 1 / share, 1.0).astype("float32")
    pool, validation = slice(0, 400), slice(400, None)
    if weights == "sample":
        return {"pool": (x[pool], case[pool], weight[pool]), "validation": (x[validation], case[validation])}
    splits = {"pool": (x[pool], case[pool]), "validation": (x[validation], case[validation])}
    return {**splits, "class_weight": {0: 1.0, 1: 1 / share}} if weights == "class" else splits


def build(units: Annotated[int, 1, 256] = 8, learning_rate: float = 1e-2):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(units, activation="relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(
        keras.optimizers.Adam(learning_rate),
        loss="binary_crossentropy",
        metrics=[metrics.AUC(), metrics.Precision(), metrics.Recall()],
        weighted_metrics=["accuracy"],
    )
    return model
