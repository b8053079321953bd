"""Texts and numbers as named inputs, layers that adapt to them, and weights of classes: a task of functions."""

import keras
import numpy as np

epochs, batch_size = 2, 16


def data():
    chance = np.random.default_rng(0)
    texts = np.array(
        [" ".join(chance.choice(["good", "bad", "film"], chance.integers(1, 4))) for _ in range(160)], object
    )
    numbers = chance.normal(5, 2, (160, 3))
    y = (numbers.sum(axis=1) > 15).astype("int64")
    return {"pool": ({"text": texts, "numbers": numbers}, y), "class_weight": {0: 0.5, 1: 2}}


def build(train, units: int = 4):
    inputs, _ = train
    text, numbers = keras.Input((), dtype="string", name="text"), keras.Input((3,), name="numbers")
    words, scale = keras.layers.TextVectorization(output_sequence_length=3), keras.layers.Normalization()
    words.adapt(inputs["text"])
    scale.adapt(inputs["numbers"])
    mean = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(8, units)(words(text)))
    hidden = keras.layers.Concatenate()([mean, scale(numbers)])
    model = keras.Model({"text": text, "numbers": numbers}, keras.layers.Dense(2, activation="softmax")(hidden))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"], weighted_metrics=["acc"])
    return model
