"""Which pixels are ink? A small U-net, judged by the mean intersection over union."""

from typing import Annotated

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

epochs, batch_size = 3, 32


def data(noise: Annotated[float, 0, 2] = 0.3):
    images = load_digits().data[:500].reshape(-1, 8, 8, 1).astype("float32") / 16
    ink = (images > 0.5).astype("uint8")
    noisy = images + noise * np.random.default_rng(0).standard_normal(images.shape, "float32")
    return {"pool": (noisy[:400], ink[:400]), "validation": (noisy[400:], ink[400:])}


def build(filters: Annotated[int, 1, 64] = 4, skip: bool = True, learning_rate: float = 1e-2):
    image = keras.Input((8, 8, 1))
    fine = layers.Conv2D(filters, 3, padding="same", activation="relu")(image)
    coarse = layers.MaxPooling2D()(fine)
    coarse = layers.Conv2D(2 * filters, 3, padding="same", activation="relu")(coarse)
    up = layers.Conv2DTranspose(filters, 2, strides=2, activation="relu")(coarse)
    merged = layers.Concatenate()([fine, up]) if skip else up
    model = keras.Model(image, layers.Conv2D(2, 1, activation="softmax")(merged))
    overlap = keras.metrics.MeanIoU(num_classes=2, sparse_y_pred=False)
    model.compile(keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy", metrics=[overlap])
    return model
