"""What is the next value of a series? The windows of the past overlap, and are no copies."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

epochs, batch_size = 3, 32


def data(window: Annotated[int, 2, 100] = 12):
    time = np.arange(600)
    noise = 0.1 * np.random.default_rng(0).normal(size=len(time))
    series = (np.sin(time / 5) + 0.5 * np.sin(time / 3) + noise).astype("float32")
    windows = sliding_window_view(series, window + 1)
    examples = windows[:, :-1, None], windows[:, -1:]
    # A gap of one window, because else the validation would see values of the training.
    pool, validation = slice(0, 400), slice(400 + window, None)
    return {"pool": tuple(a[pool] for a in examples), "validation": tuple(a[validation] for a in examples)}


def build(reader: Literal["gru", "conv"] = "gru", units: Annotated[int, 1, 128] = 8, learning_rate: float = 1e-2):
    readers = {
        "gru": [layers.GRU(units)],
        "conv": [layers.Conv1D(units, 2, activation="relu"), layers.GlobalAveragePooling1D()],
    }
    model = keras.Sequential([keras.Input((None, 1)), *readers[reader], layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), loss="mse", metrics=["mae"])
    return model
