"""Builds the article's network, with every change that a study may ask for."""

from typing import Any

import keras
from keras import layers, metrics, ops, optimizers

from study.task import Settings
from study.tasks.qr_digits.limits import DOWNSAMPLED
from study.tasks.qr_digits.version_1 import SIZE

Tensor = Any


def build(settings: Settings, *, steps: int) -> keras.Model:
    """Build the compiled network. It turns codes (n, 21, 21, 1) into probabilities (n, 1, digits, 10).

    The codes are bool or numbers. A file of the network can be loaded without this package, with `compile=False`.
    """
    code = keras.Input((SIZE, SIZE, 1), name="code")
    inputs = _with_coordinates(code) if settings["coordinates"] else code
    dense = settings["trunk"] == "dense"
    features = _dense(inputs, settings) if dense else _pooled(_convolved(inputs, settings), settings)
    if settings["dropout"]:
        features = keras.layers.Dropout(float(settings["dropout"]), name="dropout")(features)
    names = [f"digit_{place}" for place in range(1, int(settings["digits"]) + 1)]
    # The answers are float32 in every precision, because a loss needs small probabilities.
    heads = [layers.Conv2D(10, 1, activation="softmax", dtype="float32", name=name)(features) for name in names]
    answer = layers.Concatenate(axis=2, dtype="float32", name="digits")(heads)
    model = keras.Model(code, answer, name="qr_digits")
    model.compile(_optimizer(settings, steps), "categorical_crossentropy", metrics=_metrics(names))
    return model


def _with_coordinates(code: Tensor) -> Tensor:
    """Add to each module its row and its column, both from 0 to 1. Returns maps (n, 21, 21, 3)."""
    # It uses only built-in operations, so that a saved model loads without this package.
    ones = ops.ones_like(code)
    coordinates = [(ops.cumsum(ones, axis=axis) - 1) / (SIZE - 1) for axis in (1, 2)]
    return layers.Concatenate(name="with_places")([code, *coordinates])


def _convolved(maps: Tensor, settings: Settings) -> Tensor:
    depth, width = int(settings["conv_depth"]), int(settings["width"])
    for number in range(1, depth + 1):
        wide = number > depth - int(settings["wide_layers"])
        maps = layers.Conv2D(
            width * int(settings["wide_factor"]) if wide else width,
            int(settings["kernel_size"]),
            strides=2 if number in DOWNSAMPLED and settings["downsampling"] == "stride" else 1,
            padding="same",
            activation=settings["activation"],
            name=f"conv_{number}",
        )(maps)
        if number < depth:
            maps = _normalised(maps, settings, number)
        if number in DOWNSAMPLED:
            maps = _downsampled(maps, settings)
    return maps


def _normalised(features: Tensor, settings: Settings, number: int) -> Tensor:
    if not settings["batch_norm"]:
        return features
    return layers.BatchNormalization(momentum=float(settings["batch_norm_momentum"]), name=f"norm_{number}")(features)


def _downsampled(maps: Tensor, settings: Settings) -> Tensor:
    # Padding "same" keeps the last row and column. The sizes are then the same as with a stride: 21, 11, 6.
    match settings["downsampling"]:
        case "max_2x2":
            return layers.MaxPooling2D(2, padding="same")(maps)
        case "average_2x2":
            return layers.AveragePooling2D(2, padding="same")(maps)
    return maps


def _pooled(maps: Tensor, settings: Settings) -> Tensor:
    """Pool the maps to one vector for each code: (n, 1, 1, channels)."""
    match settings["pooling"]:
        case "global_max":
            return layers.GlobalMaxPooling2D(keepdims=True, name="pooled")(maps)
        case "global_average":
            return layers.GlobalAveragePooling2D(keepdims=True, name="pooled")(maps)
    return layers.Reshape((1, 1, -1), name="pooled")(maps)


def _dense(maps: Tensor, settings: Settings) -> Tensor:
    """Build a trunk with dense layers instead of convolutions, but the same number of layers and normalisations."""
    depth, width = int(settings["conv_depth"]), int(settings["width"])
    features = layers.Flatten(name="flat")(maps)
    for number in range(1, depth + 1):
        features = layers.Dense(width, activation=settings["activation"], name=f"dense_{number}")(features)
        if number < depth:
            features = _normalised(features, settings, number)
    return layers.Reshape((1, 1, width), name="pooled")(features)


def _optimizer(settings: Settings, steps: int) -> keras.Optimizer:
    rate: Any = float(settings["learning_rate"])
    if settings["schedule"] == "cosine":
        rate = optimizers.schedules.CosineDecay(rate, steps)
    if settings["optimizer"] == "adamw":
        return optimizers.AdamW(rate, weight_decay=float(settings["weight_decay"]))
    kinds = {
        "adam": optimizers.Adam,
        "nadam": optimizers.Nadam,
        "rmsprop": optimizers.RMSprop,
        "sgd": optimizers.SGD,
    }
    return kinds[str(settings["optimizer"])](rate)


def _metrics(names: list[str]) -> list[keras.Metric]:
    """Returns the metrics: the share of correct digits (the article's `acc`), of correct numbers, and of each digit."""

    def right(targets: Tensor, answers: Tensor) -> Tensor:
        return ops.equal(ops.argmax(targets, -1), ops.argmax(answers, -1))  # (n, 1, digits)

    def number_right(targets: Tensor, answers: Tensor) -> Tensor:
        return ops.all(right(targets, answers), axis=(1, 2))

    def digit_right(targets: Tensor, answers: Tensor, place: int) -> Tensor:
        return right(targets, answers)[:, 0, place]

    return [
        metrics.CategoricalAccuracy(name="acc"),
        metrics.MeanMetricWrapper(number_right, "number_acc"),
        *(metrics.MeanMetricWrapper(digit_right, f"{name}_acc", place=place) for place, name in enumerate(names)),
    ]
