import keras
import keras_tuner
from keras import layers

(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
x, x_test = x[..., None] / 255, x_test[..., None] / 255


def build(hp):
    filters, dropout = hp.Choice("filters", [16, 32]), hp.Choice("dropout", [0.25, 0.5])
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


tuner = keras_tuner.GridSearch(build, "val_accuracy", executions_per_trial=3, directory="tuned")
tuner.search(x, y, batch_size=128, epochs=15, validation_split=0.1)
tuner.results_summary()
best = tuner.get_best_models()[0]
print(best.evaluate(x_test, y_test))
best.save("best.keras")
