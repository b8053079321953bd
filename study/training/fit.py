"""Fit one Keras model and measure it."""

import math
import os
import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data import cache
from study.data.dataset import Dataset, Kept
from study.engines.cell_folder import CHECKPOINT, WEIGHTS
from study.engines.engine import Report
from study.errors import DataError
from study.space.task_loading import task_of
from study.space.trial import Metrics, State, TrialConfig, TrialResult
from study.task import Examples, Task
from study.training import checkpoint
from study.training import compiled_pass as passes
from study.training.backends import backend as backends
from study.training.compiled_pass import Pass

if TYPE_CHECKING:
    import keras

VALIDATION_BATCH = 256
_SLOW_CORE = 2e10
"""Operations a second that one may count on."""


def train(config: TrialConfig, report: Report) -> TrialResult:
    """The trial function of a Keras task: attach the data, build, then fit and validate epoch by epoch."""
    clock = _Clock()
    task = task_of(config)
    environment = prepare()
    clock.lap("import")
    data = cache.attach(task, config.settings, say=report.preparing)
    pool, validation = _splits(data, config)
    clock.lap("data")
    model = build(task, config)
    clock.lap("build")
    size: dict[str, Any] = {"parameters": model.count_params(), "flops": flops(model)}
    if not report.built({name: number for name, number in size.items() if number is not None}):
        return TrialResult("refused", **size, seconds=clock.total(), environment=environment, timing=dict(clock.laps))
    state, curve = _fit(model, config, (pool, validation), report, clock)
    if state == "complete":
        checkpoint.save_weights(report.folder / WEIGHTS, model, key=config.key)
        clock.lap("checkpoint")
    return TrialResult(
        state,
        curve=tuple(curve),
        **size,
        seconds=clock.total(),
        data=said_of(data),
        environment=environment,
        timing=dict(clock.laps),
        reason="" if state == "complete" else _ENDINGS[state].format(epoch=len(curve)),
    )


def probe(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function that measures in place of training: a model's size and, where the answer is to go on, its speed.

    `timing` then holds the seconds of compiling (`compile`) and of one example (`train`, `validate`), all zeros.
    """
    task = task_of(config)
    prepare()
    begin = time.perf_counter()
    model = build(task, config)
    built = time.perf_counter() - begin
    operations, batch = flops(model), batch_size(config)
    size: dict[str, Any] = {"parameters": model.count_params(), "flops": operations}
    timing: dict[str, float] = {}
    example = math.prod(model.input_shape[1:]) + math.prod(_target_shape(model))
    said = {"parameters": size["parameters"], "flops": operations or 0, "batch": batch, "example": example}
    if report.built(said):
        timing = _time(model, _affordable(operations, batch))
        timing["compile"] += built
    return TrialResult("complete", **size, timing=timing)


def _affordable(operations: int | None, batch: int) -> int:
    """Examples in a step that a slow core can do in two seconds."""
    return max(1, min(batch, int(2 * _SLOW_CORE / (3 * (operations or 1)))))


def _time(model: "keras.Model", batch: int) -> dict[str, float]:
    """Seconds of compiling, and of one example in training and validation."""
    training = _speed(model, batch, training=True)
    validation = _speed(model, batch, training=False)
    return {"compile": training[0] + validation[0], "train": training[1], "validate": validation[1]}


def _speed(model: "keras.Model", batch: int, *, training: bool) -> tuple[float, float]:
    """Seconds of compiling a pass, and of one example in it."""
    begin = time.perf_counter()
    through = passes.over(model, _example(model), batch=batch, training=training)
    _seconds(through, batch)
    compiled = time.perf_counter() - begin
    short = _seconds(through, batch)
    count = batch * max(3, min(41, 1 + int(1.5 / short)))
    # Two lengths, so that what a call costs however long it is drops out.
    return compiled, max(1e-9, _seconds(through, count) - short) / (count - batch)


def _seconds(through: Pass, count: int) -> float:
    """Seconds of a pass that takes one example so many times."""
    through.prepare(count)
    begin = time.perf_counter()
    through(np.zeros(count, np.int32))
    return time.perf_counter() - begin


def _example(model: "keras.Model") -> Examples:
    """One input and one target, all zeros."""
    return np.zeros((1, *model.input_shape[1:]), "uint8"), np.zeros((1, *_target_shape(model)), "uint8")


def _target_shape(model: "keras.Model") -> tuple[int, ...]:
    """The shape of one target: an output's, or without its last axis where the loss takes class numbers."""
    shape: tuple[int, ...] = model.output_shape[1:]
    loss = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
    return shape[:-1] if "sparse" in str(loss) else shape


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
        "keras-study": _own_version(),
    }


def _own_version() -> str:
    try:
        return metadata.version("keras-study")
    except metadata.PackageNotFoundError:  # Run from a checkout that was never installed.
        return "not installed"


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


def said_of(data: Dataset) -> dict[str, Any]:
    """What a result says of its data set."""
    return {"name": data.folder.name, "fingerprint": data.fingerprint, "counts": dict(data.counts)}


def build(task: Task, config: TrialConfig) -> "keras.Model":
    """The model of a trial as it is before the first epoch."""
    import keras

    # Whatever in the model draws without a seed of its own, weights and dropout above all, draws from this one.
    keras.utils.set_random_seed(config.seed_for("weights"))
    return task.build(config.settings, steps=steps(config))


def _splits(data: Dataset, config: TrialConfig) -> tuple[Kept, Kept]:
    """What the trial may train on, the whole pool where it chooses out of it, and validates on; still memory maps."""
    fidelity = config.fidelity
    for split, wanted in (("pool", fidelity.train_examples), ("validation", fidelity.validation_examples)):
        if (there := len(data.splits[split][0])) < wanted:
            raise DataError(f"{wanted:,} examples were asked of {split}, which holds {there:,}")
    inputs, targets = data.splits["pool"]
    seen, labels = data.splits["validation"]
    most = None if "data" in config.vary else fidelity.train_examples
    few = fidelity.validation_examples
    return (inputs[:most], targets[:most]), (seen[:few], labels[:few])


def _passes(model: "keras.Model", config: TrialConfig, data: tuple[Kept, Kept]) -> tuple[Pass, Pass]:
    """Training and validation, compiled and with their data in place."""
    fit = passes.over(model, data[0], batch=batch_size(config), training=True)
    fit.prepare(config.fidelity.train_examples)
    validate = passes.over(model, data[1], batch=VALIDATION_BATCH, training=False)
    validate.prepare(config.fidelity.validation_examples)
    return fit, validate


def _fit(
    model: "keras.Model", config: TrialConfig, data: tuple[Kept, Kept], report: Report, clock: "_Clock"
) -> tuple[State, list[Metrics]]:
    """Train epoch by epoch from where an earlier attempt left off: how it ended, and the curve."""
    fit, validate = _passes(model, config, data)
    clock.lap("compile")
    place = report.folder / CHECKPOINT
    curve, clock.before = checkpoint.restore(place, model, key=config.key)
    chosen = choice(config, len(data[0][0]))
    for epoch in range(1, config.fidelity.epochs + 1):
        if epoch > len(curve):
            trained = fit(chosen[order(config, epoch)])
            clock.lap("train")
            validated = validate(np.arange(config.fidelity.validation_examples))
            clock.lap("validate")
            curve.append({**trained, **{f"val_{name}": value for name, value in validated.items()}})
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
