"""What is the next value of a series? Windows over it, in the order that the seed gives."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers


def data(window: Annotated[int, 2, 100] = 12):
    time = np.arange(700)
    series = np.sin(time / 5) + 0.5 * np.sin(time / 3) + 0.1 * np.random.default_rng(0).normal(size=700)
    series = series.astype("float32")[:, None]

    def windows(part, **order):
        past, future = part[:-window], part[window:]
        return keras.utils.timeseries_dataset_from_array(past, future, sequence_length=window, batch_size=32, **order)

    return {
        "pool": lambda seed: windows(series[:500], shuffle=True, seed=seed),
        "validation": windows(series[500:]),
    }


def build(reader: Literal["gru", "conv", "last"] = "gru", units: Annotated[int, 1, 128] = 8):
    readers = {
        "gru": [layers.GRU(units)],
        "conv": [layers.Conv1D(units, 2, activation="relu"), layers.GlobalAveragePooling1D()],
        "last": [layers.Cropping1D((0, 0)), layers.GlobalAveragePooling1D()],
    }
    model = keras.Sequential([keras.Input((None, 1)), *readers[reader], layers.Dense(1)])
    model.compile("adam", loss="mse", metrics=["mae"])
    return model
