"""Does a word come twice? Sentences of any length, padded and masked, read by a block of a transformer."""

from typing import Annotated

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
    heads: Annotated[int, 1, 8] = 2,
    units: Annotated[int, 1, 256] = 16,
    residual: bool = True,
    dropout: Annotated[float, 0, 0.9] = 0.1,
    learning_rate: float = 1e-2,
):
    words = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(1_000, units, mask_zero=True)(words)
    attended = layers.MultiHeadAttention(heads, units // heads, dropout=dropout)(vectors, vectors)
    seen = layers.LayerNormalization()(vectors + attended if residual else attended)
    hidden = layers.Dense(units, activation="relu")(seen)
    pooled = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(seen + hidden))
    model = keras.Model(words, layers.Dense(1, activation="sigmoid")(pooled))
    model.compile(keras.optimizers.AdamW(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model
