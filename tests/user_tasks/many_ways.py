"""Points in eight dimensions, and a small network that is trained in one of many ways."""

from pathlib import Path
from typing import Literal

import keras
import numpy as np

epochs, batch_size = 5, 16
LAYERS = keras.layers


def data():
    chance = np.random.default_rng(0)
    x = chance.standard_normal((150, 8)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 0).astype("uint8")
    return {"pool": (x[:90], y[:90]), "validation": (x[90:], y[90:])}


class Cumulative(keras.metrics.Mean):
    """A metric that no epoch resets."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_pred)

    def reset_state(self):
        pass


class Noise(LAYERS.Layer):
    """Adds noise from a generator of the kind that is asked for."""

    def __init__(self, kind, **options):
        super().__init__(**options)
        self.kind = kind
        self.hidden = Hidden()

    def call(self, x, training=False):
        if not training:
            return x
        seed = self.hidden.generator if self.kind == "hidden" else None
        if self.kind == "tensorflow":
            import tensorflow as tf

            return x + tf.random.normal(tf.shape(x))
        return x + keras.random.normal(keras.ops.shape(x), seed=seed)


class Hidden:
    """Holds a generator where Keras does not look for one."""

    def __init__(self):
        self.generator = keras.random.SeedGenerator(7)


def optimizer(way, steps):
    rate = keras.optimizers.schedules.CosineDecay(0.05, steps) if way == "cosine" else 0.05
    options = {"ema": {"use_ema": True, "ema_momentum": 0.9}, "accumulation": {"gradient_accumulation_steps": 2}}
    adam = keras.optimizers.Adam(rate, **options.get(way, {}))
    return keras.optimizers.LossScaleOptimizer(adam) if way == "scaled" else adam


def build(
    steps,
    way: Literal[
        "plain", "ema", "accumulation", "cosine", "scaled", "mixed", "bfloat16", "keras", "hidden", "tensorflow",
        "cumulative", "stateful"
    ] = "plain",
):  # fmt: skip
    policy = {"mixed": "mixed_bfloat16", "bfloat16": "bfloat16"}.get(way, "float32")
    inputs = keras.Input((8,))
    hidden = LAYERS.Dense(6, activation="relu", dtype=policy)(inputs)
    if way in ("keras", "hidden", "tensorflow"):
        hidden = Noise(way)(hidden)
    model = keras.Model(inputs, LAYERS.Dense(1, activation="sigmoid", dtype=policy)(LAYERS.Dropout(0.2)(hidden)))
    metrics = ["acc", *([Cumulative(name="cumulative")] if way == "cumulative" else [])]
    model.compile(optimizer(way, steps), "binary_crossentropy", metrics=metrics, jit_compile=False)
    return model


class Own(keras.callbacks.Callback):
    """Keeps numbers, arrays and a list, and lets all of them decide the learning rate."""

    def __init__(self):
        super().__init__()
        self.losses, self.sum, self.chance = [], np.zeros(2), np.random.default_rng(3)

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])
        self.sum += [logs["val_loss"], float(np.asarray(self.model.get_weights()[0]).sum())]
        self.model.optimizer.learning_rate = 0.01 + 1e-3 * abs(self.sum.sum() + self.chance.normal())
        with Path("own.txt").open("a") as file:
            file.write(f"{epoch} {sum(self.losses)}\n")


class Batches(keras.callbacks.Callback):
    """Counts batches, which only Keras's own loop shows."""

    count = 0

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        self.model.optimizer.learning_rate = 0.05 / self.count


class Secretive(keras.callbacks.Callback):
    """Keeps what depends on the weights where nobody can save it."""

    def on_train_begin(self, logs=None):
        self.kept = iter([0.0])

    def on_epoch_end(self, epoch, logs=None):
        rate = 0.01 + next(self.kept) % 0.01
        self.kept = map(float, [np.abs(self.model.get_weights()[0]).sum()])
        self.model.optimizer.learning_rate = rate


def closure():
    best, count = [1e9], 0

    def at_end(epoch, logs):
        nonlocal count
        best[0], count = min(best[0], logs["val_loss"]), count + 1
        with Path("closure.txt").open("a") as file:
            file.write(f"{count} {best}\n")

    return keras.callbacks.LambdaCallback(on_epoch_end=at_end)


def callbacks(
    way: str = "plain",
    callback: Literal[
        "none", "schedule", "plateau", "stopping", "checkpoint", "csv", "append", "nan", "swap", "own", "batches",
        "secretive", "closure", "backup"
    ] = "none",
):  # fmt: skip
    kinds = keras.callbacks
    return {
        "none": lambda: [],
        "schedule": lambda: [kinds.LearningRateScheduler(lambda epoch, rate: rate * 0.8 if epoch else 0.04)],
        "plateau": lambda: [kinds.ReduceLROnPlateau(factor=0.5, patience=0, min_delta=0.2)],
        "stopping": lambda: [kinds.EarlyStopping("val_acc", patience=2, mode="min", restore_best_weights=True)],
        "checkpoint": lambda: [
            kinds.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True, monitor="val_loss")
        ],
        "csv": lambda: [kinds.CSVLogger("log.csv")],
        "append": lambda: [kinds.CSVLogger("log.csv", append=True)],
        "nan": lambda: [kinds.TerminateOnNaN()],
        "swap": lambda: [kinds.SwapEMAWeights(swap_on_epoch=True)],
        "own": lambda: [Own()],
        "batches": lambda: [Batches()],
        "secretive": lambda: [Secretive()],
        "closure": lambda: [closure()],
        "backup": lambda: [kinds.BackupAndRestore("backup")],
    }[callback]()
