"""Mixed precision, set for the whole process as Keras's guide does."""

import keras

from study.task import Setting
from tests.user_tasks.points import Points


class Precision(Points):
    name = "precision"
    settings = Points.settings | {
        "precision": Setting("mixed_bfloat16", choices=("float32", "mixed_bfloat16", "mixed_float16"), part="training")
    }

    def build(self, settings, *, steps):
        if settings["precision"] != "float32":
            keras.mixed_precision.set_global_policy(settings["precision"])
        return super().build(settings, steps=steps)


task = Precision()
