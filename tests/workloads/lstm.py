"""Does a word come twice? Sentences of any length, padded and masked, read by an LSTM."""

from typing import Annotated, Literal

import keras
import numpy as np
from keras import layers

epochs, batch_size = 3, 32


def data(longest: Annotated[int, 4, 50] = 8, words: Annotated[int, 4, 1_000] = 20):
    chance = np.random.default_rng(0)
    lengths = chance.integers(2, longest + 1, 400)
    sentences = [chance.integers(1, words, length) for length in lengths]
    twice = np.array([len(set(sentence)) < len(sentence) for sentence in sentences])
    return {"pool": (keras.utils.pad_sequences(sentences, padding="post"), twice[:, None])}


def build(
    cell: Literal["lstm", "gru"] = "lstm",
    units: Annotated[int, 1, 256] = 8,
    both_ways: bool = False,
    recurrent_dropout: Annotated[float, 0, 0.9] = 0.1,
    learning_rate: float = 1e-2,
):
    reader = {"lstm": layers.LSTM, "gru": layers.GRU}[cell](units, recurrent_dropout=recurrent_dropout)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(1_000, 8, mask_zero=True),
            layers.Bidirectional(reader) if both_ways else reader,
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model
