"""Passes of a model over a stream, by Keras's own `fit` and `evaluate`."""

import importlib
import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.stream import Stream
from study.space.trial import Metrics

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class StreamPass:
    """Trains or evaluates a model on the batches of a stream, in the order in which they come."""

    model: "keras.Model"
    stream: Stream
    training: bool

    def prepare(self, count: int) -> None:
        """Do nothing, because Keras compiles in the first pass."""

    def __call__(self, rows: np.ndarray, *, epoch: int = 1) -> Metrics:
        """Run the pass over as many examples as there are rows, in whole batches; the stream has its own order."""
        whole = len(rows) >= len(self.stream)
        steps = None if whole else math.ceil(len(rows) / self.stream.batch)
        data = self._batches(rows, epoch)
        with warnings.catch_warnings():  # Keras warns of every stream of an unknown length when it ends.
            warnings.filterwarnings("ignore", "Your input ran out of data")
            return self._fit(data, epoch, steps) if self.training else self._evaluate(data, steps)

    def _fit(self, data: Any, epoch: int, steps: int | None) -> Metrics:
        options = {"class_weight": dict(self.stream.class_weight)} if self.stream.class_weight else {}
        arguments = {**epoch_arguments(self.model, epoch), **options}
        fitted = self.model.fit(data, steps_per_epoch=steps, shuffle=False, verbose=0, **arguments)
        return {name: float(values[-1]) for name, values in fitted.history.items()}

    def _evaluate(self, data: Any, steps: int | None) -> Metrics:
        metrics = self.model.evaluate(data, steps=steps, verbose=0, return_dict=True)
        return {name: float(value) for name, value in metrics.items()}

    def _batches(self, rows: np.ndarray, epoch: int) -> Any:
        """Returns the data of an epoch. The batches of a PyDataset are shuffled if the rows are, as `fit` does it."""
        data, seed = self.stream.of_epoch(epoch), self.stream.seeds(epoch)
        shuffled = self.training and (rows != np.arange(len(rows))).any()
        if self.stream.repeatable or not shuffled or not hasattr(data, "num_batches"):
            return data
        # Imported here, because the launcher imports this module's callers and must not load Keras.
        ordered = importlib.import_module("study.training.ordered_batches").OrderedBatches
        return ordered(data, np.random.default_rng(seed).permutation(data.num_batches), told=epoch > 1)


def epoch_arguments(model: "keras.Model", epoch: int) -> dict[str, int]:
    """Returns the arguments that tell a model's `fit` which epoch this is; nothing if it takes none."""
    return {"initial_epoch": epoch - 1, "epochs": epoch} if _takes_epochs(model.fit) else {}


def _takes_epochs(fit: Callable[..., Any]) -> bool:
    """Whether a `fit` knows where an epoch stands among all. One with `epochs` alone may count from 0 each time."""
    parameters = inspect.signature(fit).parameters
    named = {"initial_epoch", "epochs"} & parameters.keys()
    return len(named) == 2 or (not named and any(one.kind is one.VAR_KEYWORD for one in parameters.values()))
