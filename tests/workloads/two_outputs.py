"""Which digit is it, and how much ink does it take? Two outputs, with a loss, metrics and a weight each."""

from typing import Annotated

import keras
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


def data():
    images, labels = load_digits(return_X_y=True)
    images, labels = images[:500].astype("float32") / 16, labels[:500]
    targets = {"digit": labels, "ink": images.mean(axis=1, keepdims=True)}
    return {
        "pool": (images[:400], {name: values[:400] for name, values in targets.items()}),
        "validation": (images[400:], {name: values[400:] for name, values in targets.items()}),
    }


def build(units: Annotated[int, 1, 512] = 16, ink_weight: Annotated[float, 0, 100] = 1.0, learning_rate: float = 1e-2):
    image = keras.Input((64,))
    hidden = layers.Dense(units, activation="relu")(image)
    outputs = {
        "digit": layers.Dense(10, activation="softmax", name="digit")(hidden),
        "ink": layers.Dense(1, name="ink")(hidden),
    }
    model = keras.Model(image, outputs)
    model.compile(
        keras.optimizers.Adam(learning_rate),
        loss={"digit": "sparse_categorical_crossentropy", "ink": "mse"},
        loss_weights={"digit": 1.0, "ink": ink_weight},
        metrics={"digit": ["accuracy"], "ink": ["mae"]},
    )
    return model
