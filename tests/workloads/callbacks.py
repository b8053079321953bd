"""Keras's callbacks and one of one's own: each trial slows down, stops when it is done, and keeps its best weights."""

from typing import Annotated, Literal

import keras
from sklearn.datasets import load_digits

epochs, batch_size = 12, 32


class Gap(keras.callbacks.Callback):
    """Reports how much better the training's loss is than that of the validation, on average so far."""

    gaps = ()

    def on_epoch_end(self, epoch, logs=None):
        self.gaps = (*self.gaps, logs["val_loss"] - logs["loss"])
        logs["gap"] = sum(self.gaps) / len(self.gaps)


def data():
    images, labels = load_digits(return_X_y=True)
    return {"pool": (images[:300].astype("float32") / 16, labels[:300])}


def build(units: Annotated[int, 1, 256] = 32, learning_rate: float = 0.3):
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(units, activation="relu")])
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.SGD(learning_rate, momentum=0.9)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def callbacks(patience: Annotated[int, 1, 100] = 2, schedule: Literal["plateau", "decay"] = "plateau"):
    slower = {
        "plateau": keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1),
        "decay": keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9 if epoch else rate),
    }
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    files = [keras.callbacks.CSVLogger("log.csv"), keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)]
    return [Gap(), slower[schedule], stop, keras.callbacks.TerminateOnNaN(), *files]
