"""A `tf.data` pipeline that shuffles and augments, its chance from the seed that it is given."""

from typing import Annotated

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits


def data(shift: Annotated[int, 0, 3] = 1, batch: Annotated[int, 1, 400] = 32):
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1).astype("float32") / 16

    def train(seed):
        def augment(number, example):
            image, label = example
            image = tf.pad(image, [[shift, shift], [shift, shift], [0, 0]])
            return tf.image.stateless_random_crop(image, (8, 8, 1), seed=(seed, number)), label

        examples = tf.data.Dataset.from_tensor_slices((images[:400], labels[:400]))
        shuffled = examples.shuffle(400, seed=seed).enumerate()
        return shuffled.map(augment).batch(batch).prefetch(tf.data.AUTOTUNE)

    validation = tf.data.Dataset.from_tensor_slices((images[400:600], labels[400:600])).batch(64)
    return {"pool": train, "validation": validation}


def build(filters: Annotated[int, 1, 128] = 8, learning_rate: float = 1e-2):
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(filters, 3, activation="relu")])
    model.add(layers.Flatten())
    model.add(layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
