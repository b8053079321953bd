"""The same trial by Keras alone: its own `fit` over the batches on which a trial trains."""

import contextlib
import functools
import importlib.util
import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from study.engines.engine import Report
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.training.example_order import epoch_seed

# Keras is imported in functions, because the tests import this module for the name of its function.
PLAIN_FIT = "tests.workloads.plain_fit:train"
_VALIDATION_BATCH = 256
_FOLDED = "CosineDecay"
"""TensorFlow multiplies its constants beforehand in the graph of `fit`, and not in our loop: another last bit."""


def train(config: TrialConfig, report: Report) -> TrialResult:
    """Train a workload by `fit`. The curve is its history. `data` holds the metrics of the trained model."""
    from study.training.environment import prepare_worker

    prepare_worker()
    _fold_constants(_FOLDED not in Path(config.reference).read_text(encoding="utf-8"))
    trial = _Trial(config, _functions(config))
    splits = trial.splits()
    model = trial.model(splits["pool"])
    checked = _batches(splits["validation"], _VALIDATION_BATCH)
    options = {"validation_data": checked, "callbacks": trial.call("callbacks", default=[]), "verbose": 0}
    curve: list[Metrics] = []
    for epochs, batches in trial.parts(splits["pool"]):
        model = trial.call("before_epoch", model=model, epoch=epochs[0]) or model
        with contextlib.chdir(report.folder):  # Callbacks write files.
            fitted = model.fit(
                batches,
                initial_epoch=epochs[0],
                epochs=epochs[-1] + 1,
                steps_per_epoch=len(batches) // len(epochs),
                shuffle=False,
                class_weight=splits.get("class_weight"),
                **options,
            )
        rows = zip(*fitted.history.values(), strict=True)
        curve += [{name: float(value) for name, value in zip(fitted.history, row, strict=True)} for row in rows]
    final = model.evaluate(checked, verbose=0, return_dict=True)
    return TrialResult("complete", curve=tuple(curve), data={f"val_{name}": float(final[name]) for name in final})


def _fold_constants(fold: bool) -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"constant_folding": fold})


def _functions(config: TrialConfig) -> Mapping[str, Any]:
    spec = importlib.util.spec_from_file_location("workload", config.reference)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


@dataclass(frozen=True)
class _Trial:
    config: TrialConfig
    functions: Mapping[str, Any]

    def call(self, name: str, *, default: Any = None, **offers: Any) -> Any:
        """Call a function of the workload with what its signature names. Returns `default` if there is none."""
        if name not in self.functions:
            return default
        values = {**self.config.settings, **offers}
        names = inspect.signature(self.functions[name]).parameters
        return self.functions[name](**{name: values[name] for name in names if name in values})

    def splits(self) -> dict[str, Any]:
        """Returns what `data` returns. Without a validation split, this is the last tenth of the pool."""
        splits = dict(self.call("data"))
        if "validation" not in splits:
            whole = splits["pool"]
            kept = math.floor(_count(whole) * (1.0 - 0.1))  # As in Keras's own function, rounding and all.
            splits["pool"] = _map(lambda array: array[:kept], whole)
            splits["validation"] = _map(lambda array: array[kept:], whole)
        return splits

    def model(self, pool: Any) -> Any:
        from study.training import keras_state, layer_surgery

        keras_state.seed(seed := self.config.seed_for("weights"))
        steps = self.config.fidelity.epochs * len(self.epoch_batches(pool, 0))
        model = self.call("build", train=pool, steps=steps)
        # Layers are left out of the model that is built, and `fit` trains what is left.
        operations = self.config.surgery.operations(self.config.settings)
        return layer_surgery.operate(model, operations, seed=seed) if operations else model

    def parts(self, pool: Any) -> Iterator[tuple[range, Any]]:
        """Yields epochs, which count from 0, and their batches: all epochs at once if nothing happens between them."""
        epochs = range(self.config.fidelity.epochs)
        all_batches = [self.epoch_batches(pool, epoch) for epoch in epochs]
        if callable(pool) or "before_epoch" in self.functions:
            yield from ((range(epoch, epoch + 1), batches) for epoch, batches in zip(epochs, all_batches, strict=True))
        else:
            yield epochs, functools.reduce(lambda first, second: first.concatenate(second), all_batches)

    def epoch_batches(self, pool: Any, epoch: int) -> Any:
        if callable(pool):
            return pool(epoch_seed(self.config, epoch + 1))
        # The order of the study, which Keras's own seeded shuffling is not: that repeats itself on TensorFlow.
        order = np.random.default_rng([self.config.seed_for("order"), epoch + 1]).permutation(_count(pool))
        if not self.functions.get("shuffle", True):
            order = np.arange(_count(pool))
        batch = int(self.config.settings.get("batch_size", 32))
        return _batches(_map(lambda array: array[order], pool), batch)


def _batches(split: Any, size: int) -> Any:
    """Returns batches as `fit` makes them of these arrays, in their order. A stream stays as it is."""
    import tensorflow as tf

    if not isinstance(split, tuple):
        return split
    arrays = _map(_as_fit_takes_it, split)
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(size)


def _as_fit_takes_it(array: Any) -> Any:
    return array.astype("float32") if array.dtype == np.float64 else array


def _map(function: Any, nest: Any) -> Any:
    import keras

    return keras.tree.map_structure(function, nest)


def _count(split: Any) -> int:
    import keras

    return len(keras.tree.flatten(split)[0])
