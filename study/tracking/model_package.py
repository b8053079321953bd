"""Packs a model for MLflow, in a worker: with its signature, an example of its inputs, and the versions it needs."""

import shutil
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from study.engines.engine import Report
from study.space.trial import TrialConfig, TrialResult
from study.tracking.connection import quieten
from study.training.backends import backend
from study.training.fresh_opening import FILE, PACKAGE, SAMPLE_INPUTS, brief
from study.training.model_file import (
    NEEDS,
    WEIGHTS_FILE,
    inference_model,
    opener,
    write_file,
    write_needs,
    write_samples,
)
from study.training.saved_model import load_reproduced, predict

if TYPE_CHECKING:
    import keras

FOLDER = PACKAGE
"""In the trial's folder: the packed model."""


def package(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as a folder that MLflow loads without any code of this project. This is a trial function.

    If that is impossible without the task's code, the folder holds Keras's file, if there is one, and the weights.
    """
    with opener(config, report.folder, FOLDER) as opened:
        _, model, data = load_reproduced(config, report)
        problem = write_samples(model, data, report.folder) or _write(model, report.folder) or opened()
        if problem:
            _write_parts(model, report.folder, problem)
    return TrialResult("complete")


def _write(model: "keras.Model", folder: Path) -> str:
    """Write the folder that MLflow loads. Returns why that is impossible, or an empty text."""
    quieten()
    # Not at the top: `quieten` must come first, and the launcher imports this module for the folder's name.
    import mlflow.keras

    example = np.load(folder / SAMPLE_INPUTS)[:1]
    texts = example.dtype.kind in "US"
    answering = inference_model(model)
    (folder / FOLDER).mkdir()
    try:
        mlflow.keras.save_model(
            answering,
            str(folder / FOLDER),
            signature=None if texts else mlflow.models.infer_signature(example, predict(answering, example)),
            input_example=None if texts else example,
            # Without these MLflow would load the model in another process to guess them.
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("keras", backend.name(), "numpy")],
        )
    except Exception as error:  # Keras asks the user's classes how they are written.
        return f"Keras cannot write it as a file ({brief(error)})"
    if texts:
        _leave_to_keras(folder / FOLDER / "MLmodel")
    return ""


def _leave_to_keras(description: Path) -> None:
    """Take MLflow's own way to load a model away, because it hands over no texts that Keras takes."""
    from mlflow.models import Model

    model = Model.load(str(description))
    del model.flavors["python_function"]
    model.save(str(description))


def _write_parts(model: "keras.Model", folder: Path, problem: str) -> None:
    """Write a folder that names no way to load it, with what the model can be made from by the task's code."""
    quieten()
    from mlflow.models import Model

    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    (folder / FOLDER).mkdir()
    write_file(model, folder / FILE)
    write_needs(model, folder, problem)
    for name in (FILE, WEIGHTS_FILE, NEEDS):
        if (folder / name).is_file():
            shutil.copy(folder / name, folder / FOLDER)
    Model().save(str(folder / FOLDER / "MLmodel"))
