"""Mixed precision, averaged weights, accumulated gradients and a learning rate that falls to zero."""

from typing import Annotated, Literal

import keras
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


def data():
    images, labels = load_digits(return_X_y=True)
    return {"pool": (images[:400].astype("float32") / 16, labels[:400])}


def build(
    steps,
    policy: Literal["float32", "mixed_float16", "mixed_bfloat16", "bfloat16"] = "mixed_float16",
    average: bool = True,
    accumulate: Annotated[int, 1, 16] = 2,
    units: Annotated[int, 1, 256] = 16,
    learning_rate: float = 1e-2,
):
    keras.mixed_precision.set_global_policy(policy)
    model = keras.Sequential([keras.Input((64,)), layers.Dense(units, activation="relu"), layers.Dropout(0.1)])
    model.add(layers.Dense(10, activation="softmax", dtype="float32"))
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(learning_rate, steps),
        use_ema=average,
        ema_momentum=0.9,
        gradient_accumulation_steps=accumulate if accumulate > 1 else None,
    )
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
