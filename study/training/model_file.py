"""Writes a trained model as a file, and has the file opened by a process that knows nothing of the task."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.dataset import Dataset
from study.engines.engine import Report
from study.space.task_loading import BUILT_IN, split_reference
from study.space.trial import TrialConfig, TrialResult
from study.training import fresh_opening
from study.training.backends import backend
from study.training.fresh_opening import FILE, SAMPLE_ANSWERS, SAMPLE_INPUTS, brief
from study.training.saved_model import load_reproduced, model_inputs, predict

if TYPE_CHECKING:
    import keras

WEIGHTS_FILE = "model_weights.npz"
"""In the trial's folder: the model's weights in its own order, if its file opens only with the task's code."""
NEEDS = "needs.txt"
"""In the trial's folder, if the model's file opens only with the task's code: why."""
_SAMPLES = 4
_SECONDS = 600.0


def save(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as a Keras file. This is a trial function.

    If nobody can open the file without the task's code, the weights are written, too.
    """
    with opener(config, report.folder, FILE) as opened:
        _, model, data = load_reproduced(config, report)
        problem = write_samples(model, data, report.folder) or write_file(model, report.folder / FILE) or opened()
        if problem:
            write_needs(model, report.folder, problem)
    return TrialResult("complete")


def write_file(model: "keras.Model", path: Path) -> str:
    """Write what answers in a model as Keras's own file. Returns why that is impossible, or an empty text."""
    try:
        inference_model(model).save(path)
    except Exception as error:  # Keras asks the user's classes how they are written.
        path.unlink(missing_ok=True)
        return f"Keras cannot write it as a file ({brief(error)})"
    return ""


def write_samples(model: "keras.Model", data: Dataset, folder: Path) -> str:
    """Write a few inputs and the model's answers. Returns why the model gives none, or an empty text."""
    import keras  # Here and below: the launcher imports this module for its names and must not load TensorFlow.

    examples = data.splits["validation"][0]
    inputs = model_inputs(model, examples[np.arange(min(_SAMPLES, len(examples)))])
    try:
        answers = keras.tree.flatten(predict(model, inputs))
    except Exception as error:  # The user's code: a model with its own way of training may answer nothing.
        return f"it gives no answers ({brief(error)})"
    np.save(folder / SAMPLE_INPUTS, inputs)
    np.savez(folder / SAMPLE_ANSWERS, *(np.asarray(answer) for answer in answers), allow_pickle=False)
    return ""


def write_needs(model: "keras.Model", folder: Path, problem: str) -> None:
    """Write a model's weights, and why its file opens only with the task's code."""
    import keras

    # Keras's own file of weights holds those of the optimizer, too, and loads only if the new model has trained.
    weights = (keras.ops.convert_to_numpy(weight) for weight in model.weights)
    # NumPy cannot write bfloat16.
    arrays = [array if array.dtype.isbuiltin == 1 else array.astype(np.float32) for array in weights]
    np.savez(folder / WEIGHTS_FILE, *arrays, allow_pickle=False)
    names = own_names(folder / FILE)
    parts = f"it needs the task's own {', '.join(names)}: " if names else ""
    (folder / NEEDS).write_text(f"{parts}{problem}\n", encoding="utf-8")


def own_names(path: Path) -> list[str]:
    """Returns the classes and functions in a Keras file that are not Keras's; nothing if there is no file."""
    if not path.is_file():
        return []
    with zipfile.ZipFile(path) as file:
        return list(dict.fromkeys(_own(json.loads(file.read("config.json")))))


def _own(config: Any) -> Iterator[str]:
    """Yields the names of own classes and functions in a part of a model's configuration."""
    if isinstance(config, list):
        for part in config:
            yield from _own(part)
    if not isinstance(config, dict):
        return
    kind, module = config.get("class_name"), str(config.get("module") or "")
    if kind == "__lambda__":
        yield "lambda"
    elif kind == "function":  # Keras's own functions stand there as texts.
        yield str(config["config"])
    elif kind and "module" in config and module.partition(".")[0] not in ("keras", "builtins", "numpy"):
        yield str(kind)
    for part in config.values():
        yield from _own(part)


def inference_model(model: "keras.Model") -> "keras.Model":
    """Returns the model without optimizer, loss and metrics.

    A file with them might not load without the code of the task.
    """
    import keras

    if not getattr(model, "inputs", None) or _has_own_call(model):
        return model
    if isinstance(model, keras.Sequential):  # Such a model has no `input` and `output` before its first call.
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    return keras.Model(model.input, model.output, name=model.name)


def _has_own_call(model: "keras.Model") -> bool:
    """Whether the user's class says how the model answers, and not its inputs and outputs alone."""
    kinds = [kind for kind in type(model).__mro__ if not kind.__module__.startswith("keras.")]
    return any("call" in vars(kind) for kind in kinds)


@contextmanager
def opener(config: TrialConfig, folder: Path, kind: str) -> Iterator[Callable[[], str]]:
    """Start a process that can open a file of this kind. Yields a function that has it opened.

    The function returns in one line what is wrong with the file, or an empty text. The process has time to import
    Keras while the caller writes the file.
    """
    needed = [_place(name) for name in ("keras", "numpy", backend.name(), *(["mlflow"] if kind != FILE else []))]
    hidden = ["study"] if config.reference in BUILT_IN else ["study", *_task_package(config.reference)]
    arguments = [str(folder), kind, json.dumps(needed), json.dumps(hidden)]
    # With -I Python looks neither in the current folder nor in PYTHONPATH, where the task may lie.
    command = [sys.executable, "-I", fresh_opening.__file__, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        yield lambda: _answer(process)
    finally:
        process.kill()
        process.communicate()


def _answer(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate("open\n", timeout=_SECONDS)
    try:
        return str(json.loads(output.splitlines()[-1]))
    except (IndexError, ValueError):
        return f"the process that opened it ended with exit status {process.returncode}"


def _place(package: str) -> str:
    """Returns the folder in which a package lies."""
    spec = importlib.util.find_spec(package)
    return str(Path(spec.origin).parents[1]) if spec and spec.origin else ""


def _task_package(reference: str) -> list[str]:
    """Returns the package of a task that Python imports by name, perhaps because it is installed."""
    module, _ = split_reference(reference)
    return [] if module.endswith(".py") else [module.partition(".")[0]]
