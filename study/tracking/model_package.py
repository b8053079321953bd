"""Packs a model for MLflow, in a worker: with its signature, an example of its inputs, and the versions it needs."""

import json
import shutil
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from study.data.nest import Nest, leaves, map_nest, take, to_json
from study.engines.cell_folder import NEEDS, PACKED
from study.engines.engine import Report
from study.files import write_whole
from study.space.trial import TrialConfig, TrialResult
from study.tracking import keras_answers
from study.tracking.connection import quieten
from study.tracking.model_signature import model_signature
from study.training.answering_model import WHOLE, answering_models
from study.training.backends import backend
from study.training.fresh_opening import brief
from study.training.fresh_process import fresh_process
from study.training.loading_code import SampleArray, SampleFile, mlflow_code
from study.training.model_answers import predict
from study.training.model_file import ModelFiles, expected_answers, write_model
from study.training.model_inputs import fixed_batch
from study.training.model_samples import SAMPLE_INPUTS, sample_inputs, write_answers, write_inputs
from study.training.own_objects import own_objects
from study.training.saved_model import load_reproduced

if TYPE_CHECKING:
    import keras

CARD, MLMODEL = "README.md", "MLmodel"
"""In the packed folder: how the model is loaded if MLflow cannot do it, and MLflow's own description."""


def package(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as a folder that MLflow loads without any code of this project. This is a trial function.

    If that is impossible, the folder holds the files that `study export-model` writes, and says how they are loaded.
    """
    with fresh_process(config.reference, modules=("keras", "mlflow.keras")) as fresh:
        task, model, data = load_reproduced(config, report)
        pack(model, ModelFiles(config, task, data, report.folder / PACKED, fresh))
    return TrialResult("complete")


def pack(model: "keras.Model", files: ModelFiles) -> None:
    """Write a trained model into the folder of its files."""
    whole = answering_models(model).get(WHOLE)
    problem = "its class has no `call`" if whole is None else _write(whole, files)
    if problem:
        _write_files(model, files, problem)


def _write(model: "keras.Model", files: ModelFiles) -> str:
    """Write the folder that MLflow loads. Returns why that is impossible, or an empty text."""
    quieten()
    inputs = sample_inputs(model, files.inputs)
    with expected_answers() as expected:
        if problem := write_answers(model, inputs, expected):
            return problem
        samples = write_inputs(model, inputs, expected.with_name(SAMPLE_INPUTS))
        answers = predict(model, inputs)
        try:
            _save(model, files.folder, samples, inputs=inputs, answers=answers)
        except Exception as error:  # Keras asks the user's classes how they are written.
            return brief(error)
        samples = replace(samples, arrays=_by_name(samples.arrays, samples.arrays))
        code = mlflow_code(samples, str(files.folder))
        return files.fresh.problem(code, expected.parent, expected=expected)


def _save(model: "keras.Model", folder: Path, samples: SampleFile, *, inputs: Nest, answers: Nest) -> None:
    # Not at the top: `quieten` must come first.
    import mlflow.keras

    folder.mkdir()
    named = _by_name(samples.arrays, inputs)
    mlflow.keras.save_model(
        model,
        str(folder),
        signature=model_signature(model, samples.arrays, answers),
        input_example=take(named, slice(fixed_batch(model) or 1)),
        # Without these MLflow would load the model in another process to guess them.
        pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("keras", backend.name(), "numpy")],
    )
    lambdas = own_objects(folder / keras_answers.FILE).lambdas
    if lambdas or named is not inputs or not _are_numbers(inputs, answers):
        _ask_by_own_code(folder, samples.arrays, safe=not lambdas)


def _by_name(arrays: Nest, inputs: Nest) -> Nest:
    """Returns the inputs as MLflow takes them: a single array, or one for each name."""
    if isinstance(arrays, SampleArray):
        return inputs
    return {one.name: array for one, array in zip(leaves(arrays), leaves(inputs), strict=True)}


def _are_numbers(*nests: Nest) -> bool:
    """Whether each is a single array of a type of NumPy's own, which is all that MLflow's own way hands over."""
    return all(isinstance(nest, np.ndarray) and nest.dtype.kind in "biuf" for nest in nests)


def _ask_by_own_code(folder: Path, arrays: Nest, *, safe: bool) -> None:
    """Let MLflow ask the model by our own code, of which a copy is added to the model."""
    from mlflow.models import Model

    single = isinstance(arrays, SampleArray)
    structure = None if single else to_json(map_nest(lambda one: one.name, arrays))
    write_whole(folder / keras_answers.ASKING, json.dumps({"safe": safe, "inputs": structure}))
    (folder / "code").mkdir()
    shutil.copy(keras_answers.__file__, folder / "code")
    model = Model.load(str(folder / MLMODEL))
    model.flavors["python_function"] |= {"loader_module": Path(keras_answers.__file__).stem, "code": "code"}
    model.save(str(folder / MLMODEL))


def _write_files(model: "keras.Model", files: ModelFiles, problem: str) -> None:
    """Write a folder that names no way in which MLflow loads it, with the files that `study export-model` writes."""
    quieten()
    from mlflow.models import Model

    shutil.rmtree(files.folder, ignore_errors=True)
    files.folder.mkdir()
    loading = write_model(model, files)
    write_whole(files.folder / NEEDS, f"{loading.needs or problem}\n")
    write_whole(files.folder / CARD, f"{loading.text}\n")
    Model().save(str(files.folder / MLMODEL))
