"""The training of a task that has a `fit` of its own: it gets the model and the data, and reports each epoch.

This module loads Keras, so that a launcher must not import it.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from study.data.nest import count, take
from study.data.stream import Stream
from study.engines.cell_folder import WEIGHTS
from study.errors import TaskError
from study.space.hints import one_line, short
from study.space.task_call import call
from study.space.trial import Metrics, State
from study.space.user_line import line_of
from study.training.compiled_pass import make_pass
from study.training.epoch_loop import Trial
from study.training.example_order import chosen_examples
from study.training.kept_weights import KeptWeights
from study.training.metric_values import as_logs, numbers
from study.training.model_inputs import VALIDATION_BATCH
from study.training.new_model import all_steps, checked_model, given
from study.training.outcome import Outcome, is_diverged

FUNCTION = "fit"


class _EndOfTrial(BaseException):
    """Ends the task's `fit`. It is no Exception, because the task may catch these."""


class EpochReports:
    """What a task's `fit` calls after each epoch, with the metrics of this epoch."""

    def __init__(self, trial: Trial, model: keras.Model) -> None:
        self._trial = trial
        self.model = model
        self.curve: list[Metrics] = []
        self.state: State = "complete"
        self.kept = KeptWeights(trial.report.folder / WEIGHTS, trial.config)

    def __call__(self, metrics: Mapping[str, Any]) -> None:
        """Report an epoch. Does not return if the trial ends with it."""
        epochs = self._trial.config.fidelity.epochs
        if len(self.curve) == epochs:
            raise self._error(f"reported epoch {epochs + 1}, but the study gives a trial {epochs}")
        if not isinstance(metrics, Mapping) or not (reported := numbers(as_logs(metrics))):
            raise self._error(f"reported {one_line(short(metrics))}; an epoch is reported as {{name: number}}")
        self._trial.stopwatch.lap("train")
        self.curve.append(reported)
        self.kept.after_epoch(self.model, reported, epochs=len(self.curve))
        go_on = self._trial.report.epoch(len(self.curve), reported)
        self._trial.stopwatch.lap("report")
        if is_diverged(reported) or (not go_on and len(self.curve) < epochs):
            self.state = "diverged" if is_diverged(reported) else "pruned"
            raise _EndOfTrial

    def _error(self, text: str) -> TaskError:
        task = self._trial.task
        return TaskError(f"{line_of(task, FUNCTION)}: fit() of task {task.name!r} {text}")


def train_by_task(trial: Trial, model: keras.Model) -> Outcome:
    """Have the task train its model. Raises TaskError if it reports no epoch, too many, or no numbers."""
    print("If this trial is interrupted, it begins anew, because its task trains with a `fit` of its own.")
    reports, config = EpochReports(trial, model), trial.config
    offers = {
        "model": lambda: model,
        "data": lambda: _splits(trial),
        "report": lambda: reports,
        "steps": lambda: all_steps(config, trial.pool),
        "epochs": lambda: config.fidelity.epochs,
    }
    try:
        trained = call(trial.task, FUNCTION, config.task_settings, **offers)
    except _EndOfTrial:
        trained = None
    # It may return what it trained. Many return Keras's history instead.
    model = checked_model(trained, trial.task, FUNCTION) if isinstance(trained, keras.Model) else model
    if not reports.curve:
        raise reports._error("reported no epoch; it must call `report(metrics)` after each one")
    return _outcome(trial, reports, model)


def _outcome(trial: Trial, reports: EpochReports, model: keras.Model) -> Outcome:
    final: Metrics = {}
    if reports.state == "complete":
        final = reports.kept.at_end(model, reports.curve, _final(trial, reports.curve[-1], model))
        trial.stopwatch.lap("validate")
    return Outcome(reports.state, tuple(reports.curve), model, final)


def _final(trial: Trial, last: Metrics, model: keras.Model) -> Metrics:
    """Returns the last epoch's metrics with those of the trained model. Empty if they are the same."""
    validate = make_pass(model, trial.validation, batch=VALIDATION_BATCH, training=False)
    validated = numbers(validate(np.arange(count(trial.validation))))
    final = {**last, **{f"val_{name}": value for name, value in validated.items()}}
    return {} if final == last else final


def _splits(trial: Trial) -> dict[str, Any]:
    """Returns the examples of the training and of the validation as `data` of the task returned them."""
    pool = trial.pool
    if not isinstance(pool, Stream):
        pool = take(pool, chosen_examples(trial.config, count(pool)))
    weights = {"class_weight": dict(trial.class_weight)} if trial.class_weight else {}
    return {"pool": given(pool), "validation": given(trial.validation), **weights}
