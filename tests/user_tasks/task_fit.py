"""A task that trains its model by a loop of its own."""

from typing import Literal

import keras
import numpy as np

epochs, batch_size = 3, 16


def data():
    chance = np.random.default_rng(0)
    x = chance.standard_normal((60, 4)).astype("float32")
    return {"pool": (x[:40], x[:40].sum(1)), "validation": (x[40:], x[40:].sum(1))}


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    return model


def fit(model, data, report, epochs, kind: Literal["plain", "shy", "talkative", "wordy", "nan", "swallows"] = "plain"):
    inputs, targets = data["pool"]
    assert isinstance(inputs, np.ndarray)
    for _ in range({"shy": 0, "talkative": epochs + 1}.get(kind, epochs)):
        loss = model.train_on_batch(inputs, targets)
        try:
            report("words" if kind == "wordy" else {"loss": float("nan") if kind == "nan" else loss, "val_score": 2.0})
        except Exception:
            if kind != "swallows":
                raise
