"""How far does diabetes get in a year? A regression judged by its mean absolute error."""

from typing import Annotated, Literal

import keras
from keras import layers
from sklearn.datasets import load_diabetes

epochs, batch_size, shuffle = 5, 16, False


def data():
    x, y = load_diabetes(return_X_y=True, scaled=False)
    return {"pool": (x[:300], y[:300]), "validation": (x[300:400], y[300:400]), "test": (x[400:], y[400:])}


def build(
    train,
    units: Annotated[int, 0, 256] = 16,
    loss: Literal["mae", "mse", "huber"] = "mae",
    learning_rate: float = 0.1,
):
    normalize = layers.Normalization()
    normalize.adapt(train[0])
    hidden = [layers.Dense(units, activation="relu")] if units else []
    model = keras.Sequential([keras.Input((10,)), normalize, *hidden, layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), loss=loss, metrics=["mae"])
    return model
