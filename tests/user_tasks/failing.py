"""A task that fails in the way that its setting names."""

import os

from study.task import Setting
from tests.user_tasks.points import Points

WAYS = ("well", "raises", "none", "uncompiled", "other_metric", "file_name", "exits", "no_data", "weights", "progress")


class Failing(Points):
    name = "failing"
    settings = {
        **Points.settings,
        "way": Setting("well", choices=WAYS),
        "data_way": Setting("well", choices=WAYS, part="data"),
        "training_way": Setting("well", choices=WAYS, part="training"),
    }

    def data(self, settings, progress):
        splits = super().data(settings, progress)
        way = settings["data_way"]
        if way == "progress":
            progress(1, None)
        if way == "raises":
            raise FileNotFoundError("no file " + os.fsdecode(b"/data/caf\xe9.npz"))
        if way == "no_data":
            return None
        if way == "weights":
            return {split: (x, y, y[1:] * 0.5) for split, (x, y) in splits.items()}
        return splits

    def build(self, settings, *, steps):
        import keras

        way = settings["way"] if settings["training_way"] == "well" else settings["training_way"]
        if way == "raises":
            raise ValueError(f"{settings['units']} units are too many")
        if way == "file_name":
            raise FileNotFoundError(os.fsdecode(b"no caf\xe9.h5 \0 \x1b[31m") + "x" * 10**6)
        if way == "exits":
            os._exit(5)
        if way == "none":
            return None
        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
        if way != "uncompiled":
            model.compile(loss="binary_crossentropy", metrics=["auc"] if way == "other_metric" else ["acc"])
        return model


task = Failing()
