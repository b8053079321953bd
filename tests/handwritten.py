"""A user's own task: the 8×8 handwritten digits that come with scikit-learn, and a small dense network."""

from typing import Any

from study.task import Fidelity, Progress, Setting, Settings, Splits


class Handwritten:
    """Which digit is written in an 8×8 image?"""

    name = "handwritten"
    version = 1
    fidelity = Fidelity(epochs=10, train_examples=1_000, validation_examples=400)
    settings = {
        "noise": Setting(0.0, low=0, high=1, part="data"),
        "layers": Setting(1, low=0, high=4),
        "units": Setting(32, low=1, high=512),
        "dropout": Setting(0.0, low=0, high=0.9),
        "learning_rate": Setting(1e-2, low=1e-6, high=1, part="training"),
        "batch_size": Setting(32, low=1, high=1_000, part="training"),
    }

    def problems(self, settings: Settings) -> list[str]:
        wrong = settings["dropout"] and not settings["layers"]
        return ["dropout acts after each dense layer, and layers = 0 has none"] if wrong else []

    def data(self, settings: Settings, progress: Progress) -> Splits:
        import numpy as np
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        noise = settings["noise"] * np.random.default_rng(0).standard_normal(images.shape)
        inputs, targets = (images / 16 + noise).astype("float32"), labels.astype("uint8")
        parts = {"pool": slice(0, 1_000), "validation": slice(1_000, 1_400), "test": slice(1_400, None)}
        return {split: (inputs[part], targets[part]) for split, part in parts.items()}

    def build(self, settings: Settings, *, steps: int) -> Any:
        import keras

        model = keras.Sequential([keras.Input((64,))])
        for _ in range(int(settings["layers"])):
            model.add(keras.layers.Dense(int(settings["units"]), activation="relu"))
            model.add(keras.layers.Dropout(settings["dropout"]))
        model.add(keras.layers.Dense(10, activation="softmax"))
        adam = keras.optimizers.Adam(settings["learning_rate"])
        model.compile(adam, loss="sparse_categorical_crossentropy", metrics=["acc"])
        return model


task = Handwritten()
