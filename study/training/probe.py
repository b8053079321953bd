"""The speed probe: measures the size and the speed of a model on the task's own data, and trains nothing for long."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from study.data.cache_folder import size as folder_size
from study.data.dataset import SplitData
from study.data.nest import count, take
from study.data.stream import Stream
from study.engines.engine import Report
from study.space.task_call import has
from study.space.task_code import code_of
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.training.class_weight import with_class_weight
from study.training.compiled_pass import Pass, make_pass
from study.training.environment import task_in_worker
from study.training.metric_values import numbers
from study.training.model_size import model_size
from study.training.new_model import batch_size, build, check_trainable
from study.training.reported_metrics import may_report_more, reported_metrics
from study.training.stopwatch import Stopwatch
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples

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

    `timing` of the result holds the seconds of making or reading the data (`data`). If the model was timed, it also
    holds those of compiling (`compile`) and of one example (`train`, `validate`), and the curve holds the metrics that
    the model reports. `data` of the result holds the data set's size in `bytes`, too.
    """
    stopwatch = Stopwatch()
    code, task = code_of(config), task_in_worker(config)
    stopwatch.lap("import")
    task, data = attach_data(task, config, code=code, on_progress=report.preparing)
    examples, validation = trial_examples(data, config)
    stopwatch.lap("data")
    model = build(task, config, examples)
    stopwatch.lap("build")
    check_trainable(model, task)
    size, batch = model_size(model, examples), examples.batch if isinstance(examples, Stream) else batch_size(config)
    about = {**data.facts(), "bytes": folder_size(data.folder)}
    data_time = {"data": stopwatch.laps["data"]}
    facts = {"parameters": 0, "flops": 0, **size.known(), "batch": batch}
    # Nobody knows how long a task's own `fit` takes.
    if not report.built(facts, reported_metrics(model, task)) or has(task, "fit"):
        return TrialResult("complete", **vars(size), data=about, timing=data_time)
    batch = _affordable_batch(size.flops, batch)
    training = _speed(model, with_class_weight(examples, data.class_weight), batch, training=True)
    validated = _speed(model, validation, batch, training=False)
    metrics = {**training.metrics, **{f"val_{name}": value for name, value in validated.metrics.items()}}
    return TrialResult(
        "complete",
        curve=() if may_report_more(task) else (metrics,),
        **vars(size),
        data=about,
        timing={
            **data_time,
            "compile": stopwatch.laps["build"] + training.compile + validated.compile,
            "train": training.example,
            "validate": validated.example,
        },
    )


def _affordable_batch(operations: int | None, batch: int) -> int:
    """Returns a batch size for which a slow core needs at most two seconds a training step. It is at most `batch`."""
    # A training step costs about three forward passes.
    return max(1, min(batch, int(_STEP_SECONDS * _SLOW_CORE / (3 * (operations or 1)))))


@dataclass(frozen=True)
class _Speed:
    compile: float
    """Seconds of compiling a pass."""
    example: float
    """Seconds of one example."""
    metrics: Metrics


def _speed(model: "keras.Model", examples: SplitData, batch: int, *, training: bool) -> _Speed:
    begin = time.perf_counter()
    few = examples if isinstance(examples, Stream) else take(examples, slice(batch))
    timed = make_pass(model, few, batch=batch, training=training)
    _seconds(timed, batch, of=count(few))
    compiled = time.perf_counter() - begin
    short, _ = _seconds(timed, batch, of=count(few))
    many = batch * max(3, min(_MOST_BATCHES, 1 + int(_TIMED_SECONDS / short)))
    if isinstance(examples, Stream):
        many = min(many, len(examples))
    long, metrics = _seconds(timed, many, of=count(few))
    # The difference of a long and a short pass, so that the fixed cost of a call cancels out.
    return _Speed(compiled, max(1e-9, long - short) / max(1, many - batch), metrics)


def _seconds(timed: Pass, count: int, *, of: int) -> tuple[float, Metrics]:
    """Run a pass over `count` examples, which takes the first `of` again and again. Returns its seconds and metrics."""
    timed.prepare(count)
    begin = time.perf_counter()
    metrics = numbers(timed(np.arange(count, dtype=np.int32) % of))
    return time.perf_counter() - begin, metrics
