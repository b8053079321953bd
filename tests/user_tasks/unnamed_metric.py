"""A metric that Keras names: `auc` in the first model of a process, `auc_1` in the next."""

import keras

from tests.user_tasks.points import Points


class UnnamedMetric(Points):
    name = "unnamed_metric"

    def compiled(self, model, settings):
        return super().compiled(model, settings, metrics=[keras.metrics.AUC(), keras.metrics.Precision()])


task = UnnamedMetric()
