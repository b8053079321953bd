"""Fit one Keras model and measure it."""

import math
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study import backends, cache, checkpoint
from study import task as tasks
from study.engines import Report
from study.entry import Dataset
from study.errors import DataError
from study.task import Task
from study.trial import Metrics, State, TrialConfig, TrialResult

if TYPE_CHECKING:
    import keras

Arrays = tuple[np.ndarray, np.ndarray]
CHECKPOINT = "checkpoint.npz"
_VALIDATION_BATCH = 256
_SLOW_CORE = 2e10
"""Operations a second that one may count on."""


def train(config: TrialConfig, report: Report) -> TrialResult:
    """The trial function of a Keras task: attach the data, build, then fit and validate epoch by epoch."""
    clock = _Clock()
    task = tasks.load(config.reference, folder=Path())
    environment = prepare()
    clock.lap("import")
    data = cache.attach(task, config.settings, say=report.preparing)
    pool, validation = _splits(data, config)
    clock.lap("data")
    model = _build(task, config)
    clock.lap("build")
    size: dict[str, Any] = {"parameters": model.count_params(), "flops": flops(model)}
    state, curve = _fit(model, config, (pool, validation), report, clock)
    return TrialResult(
        state,
        curve=tuple(curve),
        **size,
        seconds=clock.total(),
        data={"name": data.folder.name, "fingerprint": data.fingerprint, "counts": dict(data.counts)},
        environment=environment,
        timing=dict(clock.laps),
        reason="" if state == "complete" else _ENDINGS[state].format(epoch=len(curve)),
    )


def probe(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function that measures in place of training: a model's size and, where the answer is to go on, its speed.

    `timing` then holds the seconds of compiling (`compile`) and of one example (`train`, `validate`), all zeros.
    """
    task = tasks.load(config.reference, folder=Path())
    prepare()
    begin = time.perf_counter()
    model = _build(task, config)
    built = time.perf_counter() - begin
    operations, batch = flops(model), batch_size(config)
    size: dict[str, Any] = {"parameters": model.count_params(), "flops": operations}
    timing: dict[str, float] = {}
    example = math.prod(model.input_shape[1:]) + math.prod(_target_shape(model))
    said = {"parameters": size["parameters"], "flops": operations or 0, "batch": batch, "example": example}
    if report.epoch(0, said):
        timing = _time(model, _affordable(operations, batch))
        timing["compile"] += built
    return TrialResult("complete", **size, timing=timing)


def _affordable(operations: int | None, batch: int) -> int:
    """Examples in a step that a slow core can do in two seconds."""
    return max(1, min(batch, int(2 * _SLOW_CORE / (3 * (operations or 1)))))


def _time(model: "keras.Model", batch: int) -> dict[str, float]:
    """Seconds of compiling, and of one example in training and validation."""
    seconds = {"compile": 0.0}
    inputs = np.zeros((batch, *model.input_shape[1:]), "uint8")
    targets = np.zeros((batch, *_target_shape(model)), "uint8")

    def fit(times: int) -> None:
        model.fit(_repeat(inputs, times), _repeat(targets, times), batch_size=batch, verbose=0)

    def evaluate(times: int) -> None:
        model.evaluate(_repeat(inputs, times), _repeat(targets, times), batch_size=batch, verbose=0)

    for purpose, run in (("train", fit), ("validate", evaluate)):
        seconds["compile"] += _seconds(run, 1)
        short = _seconds(run, 1)
        times = max(2, min(40, int(1.5 / short)))
        # Two lengths, so that what a call costs however long it is drops out.
        seconds[purpose] = max(1e-9, _seconds(run, 1 + times) - short) / (times * batch)
    return seconds


def _target_shape(model: "keras.Model") -> tuple[int, ...]:
    """The shape of one target: an output's, or without its last axis where the loss takes class numbers."""
    shape: tuple[int, ...] = model.output_shape[1:]
    loss = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
    return shape[:-1] if "sparse" in str(loss) else shape


def _repeat(array: np.ndarray, times: int) -> np.ndarray:
    return np.concatenate([array] * times)


def _seconds(work: Callable[[int], None], times: int) -> float:
    begin = time.perf_counter()
    work(times)
    return time.perf_counter() - begin


_ENDINGS = {
    "diverged": "the loss is not a number after epoch {epoch}",
    "pruned": "ended by the pruner after epoch {epoch}",
}


def prepare() -> dict[str, Any]:
    """Import Keras, make this process repeatable, and describe it."""
    import keras

    threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS") or os.cpu_count() or 1)
    backend = backends.load()
    backend.prepare(threads=threads)
    return {
        "backend": backends.name(),
        "device": backend.device(),
        "threads": threads,
        "python": platform.python_version(),
        "keras": keras.__version__,
        backends.name(): backend.version(),
        "numpy": np.__version__,
    }


def order(config: TrialConfig, epoch: int) -> np.ndarray:
    """The order of the training examples in an epoch, a permutation of 0 … train_examples - 1."""
    # It depends on seed and epoch alone, so that a resumed trial sees what an undisturbed one would.
    return np.random.default_rng([config.seed_for("order"), epoch]).permutation(config.fidelity.train_examples)


def choice(config: TrialConfig, pool: int) -> np.ndarray:
    """Which examples of the pool are trained on: its first ones, or a permutation's where `vary` holds "data"."""
    if "data" not in config.vary:
        return np.arange(config.fidelity.train_examples)
    return np.random.default_rng(config.seed_for("data")).permutation(pool)[: config.fidelity.train_examples]


def steps(config: TrialConfig) -> int:
    """How many batches the whole trial trains on."""
    return config.fidelity.epochs * math.ceil(config.fidelity.train_examples / batch_size(config))


def batch_size(config: TrialConfig) -> int:
    """The task's setting of that name, else Keras's own 32."""
    return int(config.settings.get("batch_size", 32))


def flops(model: "keras.Model") -> int | None:
    """Floating-point operations of one forward pass of one example, two for a multiply-add.

    Counted are convolutions and dense layers, which is nearly all in such models; None for a model whose layers do not
    say their shapes.
    """
    try:
        return sum(flops(layer) or 0 if hasattr(layer, "layers") else _layer_flops(layer) for layer in model.layers)
    except AttributeError:
        return None


def _layer_flops(layer: Any) -> int:
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    depthwise = type(layer).__name__.startswith("Depthwise")
    channels = math.prod(kernel.shape[-2:]) if depthwise else kernel.shape[-1]
    positions: int = math.prod(layer.output.shape[1:]) // channels
    weights: int = math.prod(kernel.shape)
    return 2 * positions * weights


def _build(task: Task, config: TrialConfig) -> "keras.Model":
    import keras

    # Whatever in the model draws without a seed of its own, weights and dropout above all, draws from this one.
    keras.utils.set_random_seed(config.seed_for("weights"))
    return task.build(config.settings, steps=steps(config))


def _splits(data: Dataset, config: TrialConfig) -> tuple[Arrays, Arrays]:
    fidelity = config.fidelity
    for split, wanted in (("pool", fidelity.train_examples), ("validation", fidelity.validation_examples)):
        if (there := len(data.splits[split][0])) < wanted:
            raise DataError(f"{wanted:,} examples were asked of {split}, which holds {there:,}")
    chosen = choice(config, len(data.splits["pool"][0]))
    inputs, targets = data.splits["pool"]
    seen, labels = data.splits["validation"]
    first = np.arange(fidelity.validation_examples)
    return (inputs[chosen], targets[chosen]), (seen[first], labels[first])


def _fit(
    model: "keras.Model", config: TrialConfig, data: tuple[Arrays, Arrays], report: Report, clock: "_Clock"
) -> tuple[State, list[Metrics]]:
    """Train epoch by epoch from where an earlier attempt left off: how it ended, and the curve."""
    place = report.folder / CHECKPOINT
    curve, clock.before = checkpoint.restore(place, model, key=config.key)
    for epoch in range(1, config.fidelity.epochs + 1):
        if epoch > len(curve):
            curve.append(_epoch(model, config, data, epoch, clock))
            checkpoint.save(place, model, key=config.key, curve=curve, seconds=clock.total())
            clock.lap("checkpoint")
        # An epoch that an earlier attempt trained is reported again: whoever asks now has not heard of it.
        go_on = report.epoch(epoch, curve[epoch - 1])
        clock.lap("report")
        if not math.isfinite(curve[epoch - 1]["loss"]):
            return "diverged", curve[:epoch]
        if not go_on and epoch < config.fidelity.epochs:
            return "pruned", curve[:epoch]
    return "complete", curve


def _epoch(
    model: "keras.Model", config: TrialConfig, data: tuple[Arrays, Arrays], epoch: int, clock: "_Clock"
) -> Metrics:
    """Train and validate once: every metric."""
    (inputs, targets), (seen, labels) = data
    chosen = order(config, epoch)
    # Keras's own seeded shuffling gives every epoch the same order on TensorFlow.
    fitted = model.fit(inputs[chosen], targets[chosen], batch_size=batch_size(config), shuffle=False, verbose=0)
    clock.lap("train")
    validated = model.evaluate(seen, labels, batch_size=_VALIDATION_BATCH, verbose=0, return_dict=True)
    clock.lap("validate")
    metrics = {name: float(values[-1]) for name, values in fitted.history.items()}
    return metrics | {f"val_{name}": float(value) for name, value in validated.items()}


class _Clock:
    """Seconds by purpose, and those of earlier attempts."""

    def __init__(self) -> None:
        self.before = 0.0
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, purpose: str) -> None:
        """Count the time since the last lap as this purpose's."""
        now = time.perf_counter()
        self.laps[purpose] = self.laps.get(purpose, 0.0) + now - self._last
        self._last = now

    def total(self) -> float:
        """Seconds up to the last lap, earlier attempts included."""
        return self.before + sum(self.laps.values())
