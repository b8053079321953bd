"""Loads a trained model in a worker from its saved weights, and scores it, gets its answers, or writes it to a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data import cache
from study.data.cache import OnProgress
from study.data.dataset import Dataset
from study.engines.cell_folder import WEIGHTS
from study.engines.engine import Report
from study.errors import DataError
from study.space.task_code import code_of
from study.space.trial import TrialConfig, TrialResult
from study.task import Task
from study.training import checkpoint
from study.training.compiled_pass import make_pass
from study.training.environment import task_in_worker
from study.training.fit import VALIDATION_BATCH
from study.training.new_model import build

if TYPE_CHECKING:
    import keras

INPUTS, ANSWERS, MODEL = "inputs.npy", "answers.npy", "model.keras"
"""Files in the trial's folder: the inputs for the model, its answers, and the model itself."""


def load_model(
    config: TrialConfig, folder: Path, *, on_progress: OnProgress = lambda what, done, total: None
) -> "tuple[Task, keras.Model, Dataset]":
    """Returns the task, its model with the weights of the folder, and the data. Raises DataError if they do not fit."""
    code, task = code_of(config), task_in_worker(config)
    data = cache.attach(task, config.settings, code=code, on_progress=on_progress)
    model = build(task, config, data.splits["pool"])
    path = folder / WEIGHTS
    if not checkpoint.load_weights(path, model, key=config.key):
        raise DataError(f"{path}: the saved weights do not fit the model that task {task.name!r} builds now")
    return task, model, data


def score(config: TrialConfig, report: Report) -> TrialResult:
    """Measure every metric on the whole test split. This is a trial function. Its only epoch holds the metrics."""
    task, model, data = load_model(config, report.folder, on_progress=report.preparing)
    if "test" not in data.splits:
        raise DataError(
            f"task {task.name!r} has no test split; its data() may return one in addition to pool and validation"
        )
    examples = data.splits["test"]
    test = make_pass(model, examples, batch=VALIDATION_BATCH, training=False)
    metrics = test(np.arange(len(examples[0])))
    return TrialResult("complete", curve=(metrics,), data=data.facts())


def answer(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model's answers to the inputs in the folder. This is a trial function."""
    _, model, _ = load_model(config, report.folder, on_progress=report.preparing)
    inputs = model_inputs(model, np.load(report.folder / INPUTS))
    np.save(report.folder / ANSWERS, model.predict(inputs, batch_size=VALIDATION_BATCH, verbose=0))
    return TrialResult("complete")


def save(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as a Keras file. This is a trial function."""
    _, model, _ = load_model(config, report.folder, on_progress=report.preparing)
    inference_model(model).save(report.folder / MODEL)
    return TrialResult("complete")


def inference_model(model: "keras.Model") -> "keras.Model":
    """Returns the model without optimizer, loss and metrics.

    A file with them might not load without the code of the task.
    """
    import keras  # Here, because the launcher imports this module and must not load TensorFlow.

    if not getattr(model, "inputs", None):
        return model
    if isinstance(model, keras.Sequential):  # Such a model has no `input` and `output` before its first call.
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    return keras.Model(model.input, model.output, name=model.name)


def model_inputs(model: "keras.Model", array: Any) -> "np.ndarray":
    """Returns inputs as numbers of the model's input type."""
    import keras  # Here, because the launcher imports this module and must not load TensorFlow.

    declared = getattr(model, "inputs", None)
    return np.asarray(array).astype(declared[0].dtype if declared else keras.config.floatx())
