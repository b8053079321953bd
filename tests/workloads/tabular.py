"""What does a flat cost? Columns by name; numbers are normalised, texts and whole numbers are looked up."""

from typing import Annotated

import keras
import numpy as np
from keras import layers

epochs, batch_size = 3, 32


def data(rows: Annotated[int, 100, 10_000] = 500):
    chance = np.random.default_rng(0)
    size, age = chance.normal(70, 20, rows), chance.uniform(0, 100, rows)
    district = chance.choice(["north", "south", "west"], rows)
    rooms = chance.integers(1, 6, rows)
    price = 3 * size - age + 40 * (district == "west") + 10 * rooms + chance.normal(0, 5, rows)
    inputs = {"size": size, "age": age, "district": district, "rooms": rooms}
    inputs = {name: column[:, None] for name, column in inputs.items()}
    return {"pool": (inputs, price[:, None] / 100)}


def build(train, units: Annotated[int, 1, 256] = 16, lookups: bool = True, learning_rate: float = 1e-2):
    columns, _ = train
    inputs = {name: keras.Input((1,), name=name) for name in ("size", "age")}
    inputs["district"] = keras.Input((1,), name="district", dtype="string")
    inputs["rooms"] = keras.Input((1,), name="rooms", dtype="int64")
    features = []
    for name in ("size", "age"):
        features.append(normalize := layers.Normalization())
        normalize.adapt(columns[name])
        features[-1] = normalize(inputs[name])
    if lookups:
        for name, lookup in (("district", layers.StringLookup), ("rooms", layers.IntegerLookup)):
            layer = lookup(output_mode="one_hot")
            layer.adapt(columns[name])
            features.append(layer(inputs[name]))
    hidden = layers.Dense(units, activation="relu")(layers.concatenate(features))
    model = keras.Model(inputs, layers.Dense(1)(hidden))
    model.compile(keras.optimizers.Adam(learning_rate), loss="mse", metrics=["mae"])
    return model
