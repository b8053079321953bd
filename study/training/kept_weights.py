"""The weights that a trial keeps: those of its best epoch, or those at its end.

This module loads Keras, so that a launcher must not import it.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from study.space.objective import is_better
from study.space.trial import Metrics, TrialConfig
from study.training import checkpoint
from study.training.checkpoint import Saved


class KeptWeights:
    """Writes the weights of a trial whenever they are the ones to keep."""

    def __init__(self, path: Path, config: TrialConfig) -> None:
        self._path = path
        self._config = config
        self._best: float | None = None
        self._epoch = 0
        """The best epoch so far; the first is 1, and 0 is none."""

    def after_epoch(self, model: keras.Model, metrics: Metrics, *, epochs: int) -> None:
        """Write the weights if the best epoch counts, and none before was as good. `epochs` counts this one, too."""
        if self._is_best(metrics, epoch=epochs):
            self._write(model, epochs)

    def at_end(self, model: keras.Model, curve: Sequence[Metrics], final: Metrics) -> Metrics:
        """Write the weights at the end, unless an epoch counts that was at least as good.

        `final` holds the metrics of these weights; it is empty if they are those of the last epoch. Returns the metrics
        of the weights that are kept in the same way.
        """
        if self._epoch and not self._is_best(final, epoch=len(curve)):
            return {} if self._epoch == len(curve) else curve[self._epoch - 1]
        self._write(model, len(curve))
        return final

    def resume(self, curve: Sequence[Metrics]) -> None:
        """Note the epochs of an earlier attempt, which wrote the weights of the best of them."""
        for epoch, metrics in enumerate(curve, start=1):
            self._is_best(metrics, epoch=epoch)

    def are_lost(self) -> bool:
        """Whether the weights of the best epoch are no longer there."""
        return self._epoch > 0 and checkpoint.read(self._path, key=self._config.key) is None

    def _is_best(self, metrics: Metrics, *, epoch: int) -> bool:
        if self._config.best is None:
            return False
        metric, direction = self._config.best
        value = metrics.get(metric)
        if value is None or not is_better(value, self._best, direction=direction):
            return False
        self._best, self._epoch = value, epoch
        return True

    def _write(self, model: keras.Model, epochs: int) -> None:
        weights = [np.asarray(keras.ops.convert_to_numpy(weight)) for weight in model.weights]
        checkpoint.write(self._path, Saved(weights, {"epochs": epochs}), key=self._config.key)
