"""What does each layer of a trained model do? The model is a file, and goes on training without each of its layers."""

from pathlib import Path

import keras
from sklearn.datasets import load_digits

epochs, batch_size = 2, 32
FILE = Path(__file__).with_name("digits.keras")


def data():
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1).astype("float32") / 16
    return {"pool": (images[:400], labels[:400])}


def build():
    return keras.models.load_model(FILE)


def trained():
    """Returns the model of the file, trained on the other images."""
    images, labels = load_digits(return_X_y=True)
    convolutions = [keras.layers.Conv2D(8, 3, activation="relu", name=f"conv_{number}") for number in (1, 2)]
    between = [keras.layers.LayerNormalization(name="norm"), keras.layers.MaxPooling2D(name="pool")]
    head = [keras.layers.Flatten(name="flat"), keras.layers.Dense(10, activation="softmax", name="digits")]
    model = keras.Sequential([keras.Input((8, 8, 1)), convolutions[0], *between, convolutions[1], *head])
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images[400:].reshape(-1, 8, 8, 1) / 16, labels[400:], epochs=5)
    return model


if __name__ == "__main__":
    trained().save(FILE)
