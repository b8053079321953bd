"""Passes of a model over a stream, by Keras's own `fit` and `evaluate`."""

import importlib
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.stream import Stream
from study.training.keras_loop import evaluate, fit_epoch
from study.training.metric_values import Logs

if TYPE_CHECKING:
    import keras

    from study.training.callbacks import Callbacks


@dataclass(frozen=True)
class StreamPass:
    """Trains or evaluates a model on the batches of a stream, in the order in which they come."""

    model: "keras.Model"
    stream: Stream
    training: bool
    callbacks: "Callbacks | None" = None

    def prepare(self, count: int) -> None:
        """Do nothing, because Keras compiles in the first pass."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Logs:
        """Run the pass over as many examples as there are rows, in whole batches; the stream has its own order."""
        whole = len(rows) >= len(self.stream)
        steps = None if whole else math.ceil(len(rows) / self.stream.batch)
        data = self._batches(rows, epoch)
        with warnings.catch_warnings():  # Keras warns of every stream of an unknown length when it ends.
            warnings.filterwarnings("ignore", "Your input ran out of data")
            return self._fit(data, epoch, steps) if self.training else self._evaluate(data, steps)

    def _fit(self, data: Any, epoch: int, steps: int | None) -> Logs:
        options = {"class_weight": dict(self.stream.class_weight)} if self.stream.class_weight else {}
        return fit_epoch(self.model, self.callbacks, epoch=epoch, x=data, steps_per_epoch=steps, **options)

    def _evaluate(self, data: Any, steps: int | None) -> Logs:
        return evaluate(self.model, self.callbacks, x=data, steps=steps)

    def _batches(self, rows: np.ndarray, epoch: int) -> Any:
        """Returns the data of an epoch. The batches of a PyDataset are shuffled if the rows are, as `fit` does it."""
        data, seed = self.stream.of_epoch(epoch), self.stream.seeds(epoch)
        shuffled = self.training and (rows != np.arange(len(rows))).any()
        if self.stream.repeatable or not shuffled or not hasattr(data, "num_batches"):
            return data
        # Imported here, because the launcher imports this module's callers and must not load Keras.
        ordered = importlib.import_module("study.training.ordered_batches").OrderedBatches
        return ordered(data, np.random.default_rng(seed).permutation(data.num_batches), told=epoch > 1)
