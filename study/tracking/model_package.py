"""Packs a model for MLflow in a worker, with its signature, an example of its inputs, and the versions it needs."""

from importlib import metadata

import numpy as np

from study.engines.engine import Report
from study.space.trial import TrialConfig, TrialResult
from study.tracking.connection import quieten
from study.training import saved_model
from study.training.backends import backend

FOLDER = "packed"
"""The name of the packed model's folder, inside the trial's folder."""


def package(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as a folder that MLflow loads without any code of this project. This is a trial function."""
    _, trained, data = saved_model.load_model(config, report.folder, on_progress=report.preparing)
    quieten()
    # Not at the top: `quieten` must come first, and the launcher imports this module for the folder's name.
    import mlflow.keras
    from mlflow.models import infer_signature

    example = saved_model.model_inputs(trained, data.splits["validation"][0][np.arange(1)])
    model = saved_model.inference_model(trained)
    (folder := report.folder / FOLDER).mkdir()
    mlflow.keras.save_model(
        model,
        str(folder),
        signature=infer_signature(example, model.predict(example, verbose=0)),
        input_example=example,
        # Without these MLflow would load the model in another process to guess them.
        pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("keras", backend.name(), "numpy")],
    )
    return TrialResult("complete")
