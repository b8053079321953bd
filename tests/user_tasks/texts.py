"""Texts as inputs, which the model itself turns into numbers."""

import keras
import numpy as np

from tests.user_tasks.points import Points

WORDS = ["good", "bad", "film", "book", "very", "not"]


class Texts(Points):
    name = "texts"

    def data(self, settings, progress):
        chance = np.random.default_rng(0)
        x = np.array([" ".join(chance.choice(WORDS, 5)) for _ in range(192)])[:, None]
        y = np.array(["good" in text[0] for text in x]).astype("uint8")
        return {"pool": (x[:96], y[:96]), "validation": (x[96:144], y[96:144]), "test": (x[144:], y[144:])}

    def build(self, settings, *, steps):
        layers = [
            keras.Input((1,), dtype="string"),
            keras.layers.TextVectorization(vocabulary=WORDS, output_sequence_length=5),
            keras.layers.Embedding(10, int(settings["units"])),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
        return self.compiled(keras.Sequential(layers), settings)


task = Texts()
