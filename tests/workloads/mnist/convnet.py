import keras
from keras import layers

epochs, batch_size = 15, 128


def data():
    (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    return {"pool": (x[..., None] / 255, y), "test": (x_test[..., None] / 255, y_test)}


def build(filters: int = 32, dropout: float = 0.5):
    model = keras.Sequential()
    model.add(keras.Input((28, 28, 1)))
    model.add(layers.Conv2D(filters, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Conv2D(2 * filters, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
