"""Is a review kind? The model takes raw texts, and learns its vocabulary from those of the training."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers

epochs, batch_size = 3, 16
GOOD, BAD = ["great", "lovely", "superb", "kind"], ["dull", "awful", "bland", "rude"]


def data():
    chance = np.random.default_rng(0)
    kind = chance.random(300) < 0.5
    words = [chance.choice((GOOD if good else BAD) + ["film", "plot", "naïve"], 4) for good in kind]
    reviews = np.array([f"A {' '.join(some)} one!" for some in words], dtype=object)
    return {"pool": (reviews[:250], kind[:250]), "test": (reviews[250:], kind[250:])}


def build(
    train,
    words: Annotated[int, 2, 20_000] = 100,
    output: Literal["multi_hot", "count", "tf_idf"] = "multi_hot",
    units: Annotated[int, 1, 256] = 8,
    learning_rate: float = 1e-2,
):
    vectorize = layers.TextVectorization(words, output_mode=output)
    vectorize.adapt(train[0])
    text = keras.Input((), dtype="string")
    hidden = layers.Dense(units, activation="relu")(vectorize(text))
    model = keras.Model(text, layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model
