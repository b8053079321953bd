"""A task of one's own: the 8×8 handwritten digits that come with scikit-learn, and a small dense network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from study.task import Fidelity, Progress, Setting, Settings, Splits

if TYPE_CHECKING:
    import keras


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

    def problems(self, settings: Settings) -> Sequence[str]:
        """Dropout needs a layer to drop from."""
        if settings["dropout"] and not settings["layers"]:
            return ["dropout acts after each dense layer, and layers = 0 has none"]
        return []

    def data(self, settings: Settings, progress: Progress) -> Splits:
        """1,797 images: 1,000 in the pool, 400 for validation, the rest for the test."""
        import numpy as np
        from sklearn.datasets import load_digits

        images, labels = load_digits(return_X_y=True)
        chance = np.random.default_rng(0)
        images = images / 16 + settings["noise"] * chance.standard_normal(images.shape)
        inputs, targets = images.astype("float32"), labels.astype("uint8")
        parts = {"pool": slice(0, 1_000), "validation": slice(1_000, 1_400), "test": slice(1_400, None)}
        return {split: (inputs[part], targets[part]) for split, part in parts.items()}

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """Dense layers with dropout after each, then softmax."""
        import keras

        model = keras.Sequential([keras.Input((64,))])
        for _ in range(int(settings["layers"])):
            model.add(keras.layers.Dense(int(settings["units"]), activation="relu"))
            model.add(keras.layers.Dropout(settings["dropout"]))
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile(
            optimizer=keras.optimizers.Adam(settings["learning_rate"]),
            loss="sparse_categorical_crossentropy",
            metrics=["acc"],
        )
        return model


task = Handwritten()
