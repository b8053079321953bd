"""A trained model once more, in a worker: its weights as they were kept, to be scored, asked or written to a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data import cache
from study.engines.cell_folder import WEIGHTS
from study.engines.engine import Report
from study.errors import DataError
from study.space.task_loading import task_of
from study.space.trial import TrialConfig, TrialResult
from study.task import Task
from study.training import checkpoint
from study.training import compiled_pass as passes
from study.training import fit as training

if TYPE_CHECKING:
    import keras

INPUTS, ANSWERS, MODEL = "inputs.npy", "answers.npy", "model.keras"
"""In the trial's folder: what a model is asked, what it says, and itself."""


def load(config: TrialConfig, folder: Path) -> "tuple[Task, keras.Model]":
    """The task, and its model with the weights that lie in the folder."""
    task = task_of(config)
    training.prepare()
    model = training.build(task, config)
    if not checkpoint.load_weights(folder / WEIGHTS, model, key=config.key):
        raise DataError("the weights that were kept do not fit the model that the task builds now")
    return task, model


def score(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function: every metric on the whole test split, as its only epoch."""
    task, model = load(config, report.folder)
    data = cache.attach(task, config.settings, say=report.preparing)
    if "test" not in data.splits:
        raise DataError(f"task {task.name!r} has no test split; its data() may give one beside pool and validation")
    examples = data.splits["test"]
    through = passes.over(model, examples, batch=training.VALIDATION_BATCH, training=False)
    metrics = through(np.arange(len(examples[0])))
    return TrialResult("complete", curve=(metrics,), data=training.said_of(data))


def answer(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function: what the model says of the inputs in the folder."""
    _, model = load(config, report.folder)
    inputs = as_input(model, np.load(report.folder / INPUTS))
    np.save(report.folder / ANSWERS, model.predict(inputs, batch_size=training.VALIDATION_BATCH, verbose=0))
    return TrialResult("complete")


def save(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function: the model as a Keras file."""
    _, model = load(config, report.folder)
    plain(model).save(report.folder / MODEL)
    return TrialResult("complete")


def plain(model: "keras.Model") -> "keras.Model":
    """The model without optimizer, loss and metrics, which a file may not bring back without their maker's code."""
    import keras

    return keras.Model(model.input, model.output, name=model.name) if getattr(model, "inputs", None) else model


def as_input(model: "keras.Model", array: Any) -> "np.ndarray":
    """Inputs as numbers of the type that the model declares."""
    import keras

    declared = getattr(model, "inputs", None)
    return np.asarray(array).astype(declared[0].dtype if declared else keras.config.floatx())
