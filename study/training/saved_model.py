"""Loads a trained model in a worker from its saved weights, and scores it, gets its answers, or writes it to a file."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.cache import OnProgress
from study.data.dataset import Dataset, SplitData
from study.data.nest import count
from study.data.nest_file import read_nest, write_nest
from study.engines.cell_folder import WEIGHTS
from study.engines.engine import Report
from study.errors import DataError
from study.space.hints import some
from study.space.task_call import has
from study.space.task_code import code_of
from study.space.trial import Metrics, TrialConfig, TrialResult, differing_metrics
from study.task import Task
from study.training import checkpoint
from study.training.compiled_pass import make_pass
from study.training.environment import describe_worker, environment_changes, task_in_worker
from study.training.metric_values import numbers
from study.training.model_answers import model_inputs, predict
from study.training.model_inputs import VALIDATION_BATCH, build_on, has_weights
from study.training.new_model import batch_size, build
from study.training.phases import play_phases
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples

if TYPE_CHECKING:
    import keras

INPUTS, ANSWERS = "inputs.npz", "answers.npz"
"""Files in the trial's folder: the inputs for the model, and its answers, as nests."""
RECORDED = "recorded.json"
"""In the trial's folder: what the study recorded of this trial: its metrics, its environment and its data."""
_REPORTING = ("callbacks", "fit")
"""Functions of a task that may report validation metrics of their own, which its model does not know."""


def load_model(
    config: TrialConfig, folder: Path, *, on_progress: OnProgress = lambda what, done, total: None
) -> "tuple[Task, keras.Model, Dataset]":
    """Returns the task, its model with the weights of the folder, and the data. Raises DataError if they do not fit."""
    code, task = code_of(config), task_in_worker(config)
    task, data = attach_data(task, config, code=code, on_progress=on_progress)
    pool, _ = trial_examples(data, config)  # Layers that adapt to them must do so as they did in the trial.
    path = folder / WEIGHTS
    saved = checkpoint.read(path, key=config.key) or checkpoint.Saved()
    model = build(task, config, pool)
    model = play_phases(task, config, model, pool, epochs=saved.about.get("epochs", 0))
    build_on(model, pool, batch=batch_size(config))
    if not has_weights(model):  # Its own way of training makes them. What it trains here is overwritten.
        few = np.arange(min(VALIDATION_BATCH, count(pool)))
        make_pass(model, pool, batch=batch_size(config), training=True)(few)
    if not checkpoint.give_weights(model, saved.arrays):
        raise DataError(f"{path}: the saved weights do not fit the model that task {task.name!r} builds now")
    return task, model, data


def load_reproduced(config: TrialConfig, report: Report) -> "tuple[Task, keras.Model, Dataset]":
    """Do the same, and validate the model. Raises DataError if it does not give the recorded numbers to the last bit.

    A model of other numbers is not the one that was chosen, so nobody shall log it, ask it or show it the test split.
    """
    task, model, data = load_model(config, report.folder, on_progress=report.preparing)
    recorded = json.loads((report.folder / RECORDED).read_text(encoding="utf-8"))
    before = {name: value for name, value in recorded["metrics"].items() if name.startswith("val_")}
    if not before:  # A model with its own way of training may not be validated at all.
        return task, model, data
    _, examples = trial_examples(data, config)
    metrics = _validated(model, examples)
    if any(map(partial(has, task), _REPORTING)):
        before = {name: value for name, value in before.items() if name in metrics}
    different = differing_metrics(before, metrics)
    if different and (drawn := differing_metrics(metrics, _validated(model, examples))):
        # The model draws random numbers while it is validated, so that these metrics differ each time.
        different = [name for name in different if name not in drawn]
    if different:
        changes = _changes(recorded, {**describe_worker(), "data": data.fingerprint})
        numbers_then_and_now = some([f"{name} is {metrics.get(name)}, not {before.get(name)}" for name in different])
        raise DataError(f"its saved weights do not give the recorded numbers: {numbers_then_and_now}; {changes}")
    return task, model, data


def _validated(model: "keras.Model", examples: SplitData) -> Metrics:
    validate = make_pass(model, examples, batch=VALIDATION_BATCH, training=False)
    return {f"val_{name}": value for name, value in numbers(validate(np.arange(count(examples)))).items()}


def _changes(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Returns what has changed in the environment and the data since a trial was recorded."""
    changes = environment_changes({**recorded["environment"], "data": recorded["data"]}, now)
    return f"changed since then: {', '.join(changes)}" if changes else "neither versions nor data have changed"


def score(config: TrialConfig, report: Report) -> TrialResult:
    """Measure every metric on the whole test split. This is a trial function. Its only epoch holds the metrics."""
    task, model, data = load_reproduced(config, report)
    if "test" not in data.splits:
        raise DataError(
            f"task {task.name!r} has no test split; its data() may return one in addition to pool and validation"
        )
    examples = data.splits["test"]
    test = make_pass(model, examples, batch=VALIDATION_BATCH, training=False)
    metrics = numbers(test(np.arange(count(examples))))
    return TrialResult("complete", curve=(metrics,), data=data.facts())


def answer(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model's answers to the inputs in the folder. This is a trial function."""
    _, model, _ = load_reproduced(config, report)
    inputs = model_inputs(model, read_nest(report.folder / INPUTS))
    write_nest(report.folder / ANSWERS, predict(model, inputs))
    return TrialResult("complete")
