"""The speed probe: measures the size and the speed of a model on the task's own data, and trains nothing for long."""

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from study.data import cache
from study.data.dataset import StoredExamples
from study.engines.engine import Report
from study.space.task_code import code_of
from study.space.trial import TrialConfig, TrialResult
from study.training.compiled_pass import Pass, make_pass
from study.training.environment import task_in_worker
from study.training.model_size import model_size
from study.training.new_model import batch_size, build
from study.training.reported_metrics import reported_metrics

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
    """
    code, task = code_of(config), task_in_worker(config)
    examples = cache.attach(task, config.settings, code=code, on_progress=report.preparing).splits["pool"]
    begin = time.perf_counter()
    model = build(task, config, examples)
    build_seconds = time.perf_counter() - begin
    size, batch = model_size(model, examples), batch_size(config)
    numbers = sum(math.prod(array.shape[1:]) for array in examples)
    timing: dict[str, float] = {}
    facts = {"parameters": 0, "flops": 0, **size.known(), "batch": batch, "example": numbers}
    if report.built(facts, reported_metrics(model)):
        timing = _timing(model, examples, _affordable_batch(size.flops, batch))
        timing["compile"] += build_seconds
    return TrialResult("complete", **vars(size), timing=timing)


def _affordable_batch(operations: int | None, batch: int) -> int:
    """Returns a batch size for which a slow core needs at most two seconds a training step. It is at most `batch`."""
    # A training step costs about three forward passes.
    return max(1, min(batch, int(_STEP_SECONDS * _SLOW_CORE / (3 * (operations or 1)))))


def _timing(model: "keras.Model", examples: StoredExamples, batch: int) -> dict[str, float]:
    """Returns the seconds of compiling, and of one example in training and in validation."""
    training = _speed(model, examples, batch, training=True)
    validation = _speed(model, examples, batch, training=False)
    return {"compile": training[0] + validation[0], "train": training[1], "validate": validation[1]}


def _speed(model: "keras.Model", examples: StoredExamples, batch: int, *, training: bool) -> tuple[float, float]:
    """Returns the seconds of compiling a pass, and of one example in it."""
    begin = time.perf_counter()
    few = examples[0][:batch], examples[1][:batch]
    timed = make_pass(model, few, batch=batch, training=training)
    _seconds(timed, batch, of=len(few[0]))
    compiled = time.perf_counter() - begin
    short = _seconds(timed, batch, of=len(few[0]))
    count = batch * max(3, min(_MOST_BATCHES, 1 + int(_TIMED_SECONDS / short)))
    # The difference of a long and a short pass, so that the fixed cost of a call cancels out.
    return compiled, max(1e-9, _seconds(timed, count, of=len(few[0])) - short) / (count - batch)


def _seconds(timed: Pass, count: int, *, of: int) -> float:
    """Returns the seconds of a pass over `count` examples, which takes the first `of` again and again."""
    timed.prepare(count)
    begin = time.perf_counter()
    timed(np.arange(count, dtype=np.int32) % of)
    return time.perf_counter() - begin
