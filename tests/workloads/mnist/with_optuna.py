import keras
import optuna
from keras import layers

(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
x, x_test = x[..., None] / 255, x_test[..., None] / 255
levels = {"filters": [16, 32], "dropout": [0.25, 0.5], "seed": [0, 1, 2]}


def train(trial):
    filters, dropout, seed = (trial.suggest_categorical(name, levels[name]) for name in levels)
    keras.utils.set_random_seed(seed)
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
    history = model.fit(x, y, batch_size=128, epochs=15, validation_split=0.1, verbose=0)
    model.save(f"{trial.number}.keras")
    return history.history["val_accuracy"][-1]


options = {"storage": "sqlite:///mnist.db", "study_name": "mnist", "load_if_exists": True}
study = optuna.create_study(sampler=optuna.samplers.GridSampler(levels), direction="maximize", **options)
study.optimize(train)
print(study.trials_dataframe().groupby(["params_filters", "params_dropout"])["value"].mean())
best = keras.models.load_model(f"{study.best_trial.number}.keras")
print(best.evaluate(x_test, y_test))
