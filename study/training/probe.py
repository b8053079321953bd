"""The speed probe: measures the size and the speed of a model, and trains nothing."""

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from study.engines.engine import Report
from study.space.task_loading import task_of
from study.space.trial import TrialConfig, TrialResult
from study.task import Examples
from study.training.compiled_pass import Pass, make_pass
from study.training.environment import prepare_worker
from study.training.flops import flops
from study.training.new_model import batch_size, build

if TYPE_CHECKING:
    import keras

_SLOW_CORE = 2e10
"""Floating-point operations per second of a slow core."""
_STEP_SECONDS = 2
"""How many seconds a step may take on a slow core."""
_TIMED_SECONDS = 1.5
"""About how many seconds the longer of the two timed passes takes."""
_MOST_BATCHES = 41


def probe(config: TrialConfig, report: Report) -> TrialResult:
    """Measure a model's size and, if the launcher's answer is to go on, its speed. This is a trial function.

    `timing` of the result then holds the seconds of compiling (`compile`) and of one example (`train`, `validate`).
    Every value of the example is zero.
    """
    task = task_of(config)
    prepare_worker()
    begin = time.perf_counter()
    model = build(task, config)
    build_seconds = time.perf_counter() - begin
    parameters, operations, batch = model.count_params(), flops(model), batch_size(config)
    numbers = math.prod(model.input_shape[1:]) + math.prod(_target_shape(model))
    timing: dict[str, float] = {}
    if report.built({"parameters": parameters, "flops": operations or 0, "batch": batch, "example": numbers}):
        timing = _timing(model, _affordable_batch(operations, batch))
        timing["compile"] += build_seconds
    return TrialResult("complete", parameters=parameters, flops=operations, timing=timing)


def _affordable_batch(operations: int | None, batch: int) -> int:
    """Returns a batch size for which a slow core needs at most two seconds a training step. It is at most `batch`."""
    # A training step costs about three forward passes.
    return max(1, min(batch, int(_STEP_SECONDS * _SLOW_CORE / (3 * (operations or 1)))))


def _timing(model: "keras.Model", batch: int) -> dict[str, float]:
    """Returns the seconds of compiling, and of one example in training and in validation."""
    training = _speed(model, batch, training=True)
    validation = _speed(model, batch, training=False)
    return {"compile": training[0] + validation[0], "train": training[1], "validate": validation[1]}


def _speed(model: "keras.Model", batch: int, *, training: bool) -> tuple[float, float]:
    """Returns the seconds of compiling a pass, and of one example in it."""
    begin = time.perf_counter()
    zeros_pass = make_pass(model, _zeros(model), batch=batch, training=training)
    _seconds(zeros_pass, batch)
    compiled = time.perf_counter() - begin
    short = _seconds(zeros_pass, batch)
    count = batch * max(3, min(_MOST_BATCHES, 1 + int(_TIMED_SECONDS / short)))
    # The difference of a long and a short pass, so that the fixed cost of a call cancels out.
    return compiled, max(1e-9, _seconds(zeros_pass, count) - short) / (count - batch)


def _seconds(zeros_pass: Pass, count: int) -> float:
    """Returns the seconds of a pass that takes the same example `count` times."""
    zeros_pass.prepare(count)
    begin = time.perf_counter()
    zeros_pass(np.zeros(count, np.int32))
    return time.perf_counter() - begin


def _zeros(model: "keras.Model") -> Examples:
    """Returns one input and one target, all zeros."""
    return np.zeros((1, *model.input_shape[1:]), "uint8"), np.zeros((1, *_target_shape(model)), "uint8")


def _target_shape(model: "keras.Model") -> tuple[int, ...]:
    """Returns the shape of one target: that of an output, without its last axis if targets are class numbers."""
    shape: tuple[int, ...] = model.output_shape[1:]
    loss = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
    return shape[:-1] if "sparse" in str(loss) else shape
