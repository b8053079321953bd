"""Trains one Keras model, and measures it after each epoch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.dataset import SplitData
from study.data.nest import count
from study.engines.cell_folder import CHECKPOINT, WEIGHTS
from study.engines.engine import Report
from study.space.task_code import code_of
from study.space.trial import Metrics, State, TrialConfig, TrialResult
from study.task import shuffles
from study.training import checkpoint
from study.training.class_weight import with_class_weight
from study.training.compiled_pass import Pass, make_pass
from study.training.environment import describe_worker, task_in_worker
from study.training.example_order import chosen_examples, epoch_order
from study.training.imported_packages import package_versions
from study.training.model_inputs import has_weights
from study.training.model_size import count_weights, model_size
from study.training.new_model import batch_size, build
from study.training.reported_metrics import reported_metrics
from study.training.stopwatch import Stopwatch
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples

if TYPE_CHECKING:
    import keras

VALIDATION_BATCH = 256
_REASONS = {
    "complete": "",
    "diverged": "the loss is not a number after epoch {epoch}",
    "pruned": "ended by the pruner after epoch {epoch}",
}


@dataclass(frozen=True)
class _Training:
    """A trial that is ready to train: its model is built, and its data are attached."""

    config: TrialConfig
    code: str
    """The fingerprint of the task's code."""
    report: Report
    stopwatch: Stopwatch
    model: "keras.Model"
    pool: SplitData
    class_weight: Mapping[int, float]
    validation: SplitData
    shuffle: bool
    """Whether each epoch trains on the examples in another order."""


def train(config: TrialConfig, report: Report) -> TrialResult:
    """Attach the data, build the model, then train and validate it epoch by epoch. The trial function of a study."""
    stopwatch = Stopwatch()
    code = code_of(config)  # As it is now: the task is imported next, and its user may edit it meanwhile.
    task = task_in_worker(config)
    environment = describe_worker()
    environment |= package_versions(code, known=environment)
    stopwatch.lap("import")
    task, data = attach_data(task, config, code=code, on_progress=report.preparing)
    pool, validation = trial_examples(data, config)
    stopwatch.lap("data")
    model = build(task, config, pool)
    size = model_size(model, pool)
    stopwatch.lap("build")
    facts: dict[str, Any] = {**vars(size), "environment": environment, "code": code.fingerprint}
    if not report.built(size.known(), reported_metrics(model)):
        return TrialResult("refused", **facts, seconds=stopwatch.total(), timing=dict(stopwatch.laps))
    training = _Training(
        config,
        code.fingerprint,
        report,
        stopwatch,
        model=model,
        pool=pool,
        class_weight=data.class_weight,
        validation=validation,
        shuffle=shuffles(task),
    )
    state, curve = _train_epochs(training)
    facts["parameters"] = count_weights(model)  # A model with its own way of training may have no weights before it.
    return TrialResult(
        state,
        curve=tuple(curve),
        **facts,
        seconds=stopwatch.total(),
        data=data.facts(),
        timing=dict(stopwatch.laps),
        reason=_REASONS[state].format(epoch=len(curve)),
    )


def _passes(training: _Training) -> tuple[Pass, Pass]:
    """Returns the training pass and the validation pass, both compiled and with their data on the device."""
    model = training.model
    weighted = with_class_weight(training.pool, training.class_weight)
    fit = make_pass(model, weighted, batch=batch_size(training.config), training=True)
    fit.prepare(len(chosen_examples(training.config, count(training.pool))))
    validate = make_pass(model, training.validation, batch=VALIDATION_BATCH, training=False)
    validate.prepare(count(training.validation))
    return fit, validate


def _train_epochs(training: _Training) -> tuple[State, list[Metrics]]:
    """Train, continuing an earlier attempt if there was one. Returns how the trial ended, and its curve."""
    config, stopwatch = training.config, training.stopwatch
    fit, validate = _passes(training)
    stopwatch.lap("compile")
    path = training.report.folder / CHECKPOINT
    curve: list[Metrics] = []
    # An epoch of other code is no beginning of this trial.
    key = f"{config.key}{training.code}"
    if has_weights(training.model):  # If it has none yet, nothing can be restored, and the trial starts again.
        curve, stopwatch.earlier = checkpoint.restore(path, training.model, key=key)
    chosen = chosen_examples(config, count(training.pool))
    for epoch in range(1, config.fidelity.epochs + 1):
        if epoch > len(curve):
            trained = fit(chosen[epoch_order(config, epoch, count=len(chosen), shuffle=training.shuffle)], epoch=epoch)
            stopwatch.lap("train")
            validated = validate(np.arange(count(training.validation)))
            stopwatch.lap("validate")
            curve.append({**trained, **{f"val_{name}": value for name, value in validated.items()}})
            checkpoint.save(path, training.model, key=key, curve=curve, seconds=stopwatch.total())
            stopwatch.lap("checkpoint")
        # Epochs of an earlier attempt are reported again, because the present launcher may not know them.
        if state := _end(training, epoch, curve[epoch - 1]):
            return state, curve[:epoch]
    checkpoint.save_weights(training.report.folder / WEIGHTS, training.model, key=config.key)
    stopwatch.lap("checkpoint")
    return "complete", curve


def _end(training: _Training, epoch: int, metrics: Metrics) -> State | None:
    """Report an epoch. Returns how the trial ends now, or None if it goes on or this was the last epoch."""
    go_on = training.report.epoch(epoch, metrics)
    training.stopwatch.lap("report")
    if not math.isfinite(metrics["loss"]):
        return "diverged"
    return None if go_on or epoch == training.config.fidelity.epochs else "pruned"
