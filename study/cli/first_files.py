"""The texts of the files that `study new` writes."""

TASK = '''\
"""On which of three spiral arms does a point lie? NAME.toml asks what helps a small network to tell."""

from typing import Annotated, Literal

import keras
import numpy as np

# A study calls `data` and `build`. Their parameters are what it may set and vary, and their defaults are its baseline.
# Annotated gives the lowest and the highest value of a number, Literal the choices. A bool is true or false.

epochs, batch_size = 20, 32  # The budget of one trial. A study may set both, and vary the batch size.


def data(noise: Annotated[float, 0, 1] = 0.2):
    """Return the inputs and the targets of each split. They are made once for each value of `noise`, and kept."""
    random = np.random.default_rng(0)
    arm = random.integers(3, size=3_000)
    radius = random.uniform(0.1, 1, size=3_000)
    angle = 2 * np.pi * arm / 3 + 5 * radius + noise * random.standard_normal(3_000)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype("float32")
    splits = {"pool": slice(2_000), "validation": slice(2_000, 2_500), "test": slice(2_500, None)}
    return {name: (points[rows], arm[rows]) for name, rows in splits.items()}


def build(
    layers: Annotated[int, 0, 8] = 1,
    units: Annotated[int, 1, 512] = 16,
    activation: Literal["relu", "gelu", "tanh"] = "relu",
    learning_rate: Annotated[float, 1e-6, 1] = 1e-2,
):
    """Return a compiled model. Each of its metrics is recorded, with `val_` before its name for the validation."""
    model = keras.Sequential([keras.Input((2,))])
    for _ in range(layers):
        model.add(keras.layers.Dense(units, activation))
    model.add(keras.layers.Dense(3, "softmax"))
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# Whatever else a study calls, if it is there:
#
# version = 2                      # Raise it when a default gets another meaning: old results then count no more.
# def problems(layers, units):     # Why these settings cannot go together, as a list of texts.
#     return ["units act only with a layer"] if units > 16 and not layers else []
# def callbacks(patience: int = 3):
#     return [keras.callbacks.EarlyStopping(patience=patience)]
'''
STUDY = """\
# What this study asks: `study check NAME.toml` shows what would run, `study run NAME.toml` runs what is missing.

task = "./NAME.py"
description = "What helps a small network to tell spiral arms apart?"
seeds = 5                       # Each point is trained five times, on other weights and in another order.

[objective]
metric = "val_accuracy"
direction = "maximize"

[baseline]                      # Changes to the defaults in NAME.py.
units = 8

[factors]                       # What varies. Each list holds the baseline's level.
layers = [1, 2, 3]
units = [8, 32]
activation = ["relu", "tanh"]

[design]
kind = "ablation"               # The baseline, and each other level alone. Or "dose", "grid", "sweep".

[fidelity]
epochs = 10                     # In place of the `epochs` in NAME.py.
# train_examples = 500          # Fewer examples than the pool has.
"""
