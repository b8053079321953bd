"""Writes a trained model as files to give away, with code that loads it and was run where the task is not known.

This module loads Keras, so that a launcher must not import it.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from study.data.dataset import Dataset
from study.data.nest import Nest, count, map_nest
from study.data.nest_file import storable
from study.data.stream import Stream
from study.engines.cell_folder import EXPORTED, LOADING, NEEDS
from study.engines.engine import Report
from study.files import write_whole
from study.space.trial import TrialConfig, TrialResult
from study.task import Task
from study.training.answering_model import WHOLE, answering_models
from study.training.building_code import building_code
from study.training.fresh_opening import brief
from study.training.fresh_process import FreshProcess, fresh_process
from study.training.loading_code import SampleFile
from study.training.loading_ways import Way, file_ways, rebuilt
from study.training.model_samples import (
    SAMPLE_ANSWERS,
    SAMPLE_INPUTS,
    part_inputs,
    sample_inputs,
    write_answers,
    write_inputs,
)
from study.training.new_model import steps
from study.training.own_objects import own_objects
from study.training.saved_model import load_reproduced
from study.training.task_home import TaskHome

FILE = "model.keras"
WEIGHTS_FILE = "model_weights.npz"
"""Among the exported files: the model's weights in its own order, if its file opens only with the task's code."""
_NO_CALL = "the class {kind} has no `call`, so that the model answers by its parts alone: {parts}"


@dataclass(frozen=True)
class Loading:
    """How written files become a model again."""

    needs: str
    """In one line: why Keras alone cannot load the whole model; empty if it can."""
    text: str
    """The same as a part of a model card, with code."""


def save(config: TrialConfig, report: Report) -> TrialResult:
    """Write the model as files to give away. This is a trial function.

    The file NEEDS says in one line why Keras alone cannot load them, if it cannot.
    """
    with fresh_process(config.reference) as fresh:
        task, model, data = load_reproduced(config, report)
        (report.folder / EXPORTED).mkdir()
        loading = write_model(model, ModelFiles(config, task, data, report.folder / EXPORTED, fresh))
    write_whole(report.folder / LOADING, loading.text)
    if loading.needs:
        write_whole(report.folder / NEEDS, f"{loading.needs}\n")
    return TrialResult("complete")


@dataclass(frozen=True)
class ModelFiles:
    """What is needed to write a model's files."""

    config: TrialConfig
    task: Task
    data: Dataset
    folder: Path
    """The folder for the files."""
    fresh: FreshProcess

    @property
    def inputs(self) -> Nest:
        """Returns inputs of the validation split."""
        split = self.data.splits["validation"]
        return map_nest(np.asarray, split.facts.first[0]) if isinstance(split, Stream) else split[0]

    @property
    def home(self) -> TaskHome:
        """Returns where the task's code lies."""
        return TaskHome(self.config.reference)

    def opened(self, ways: Iterable[Way], *, expected: Path) -> tuple[Way | None, str]:
        """Returns the first way by which a model is loaded, and why the first of all was none; empty if it was one."""
        first = ""
        for way in ways:
            problem = self.fresh.problem(way.code, self.folder, expected=expected, folders=way.folders)
            if not problem:
                return way, first
            first = first or problem
        return None, first


def write_model(model: keras.Model, files: ModelFiles) -> Loading:
    """Write a trained model, or each of its parts that answers. Returns how the files are loaded."""
    answering = answering_models(model)
    if WHOLE in answering:
        return _write_whole_model(answering[WHOLE], files)
    needs = _NO_CALL.format(kind=type(model).__name__, parts=", ".join(answering) or "it has none")
    sections = [_write_part(name, part, files) for name, part in answering.items()]
    if not sections:
        sections = [_by_own_code(model, files, needs)]
    return Loading(needs, "\n\n".join([f"{needs[0].upper()}{needs[1:]}.", *sections]))


def _write_whole_model(model: keras.Model, files: ModelFiles) -> Loading:
    with expected_answers() as expected:
        inputs = sample_inputs(model, files.inputs)
        samples = write_inputs(model, inputs, files.folder / SAMPLE_INPUTS)
        problem = write_answers(model, inputs, expected) or write_file(model, files.folder / FILE)
        own = own_objects(files.folder / FILE)
        way = None
        if not problem:
            way, problem = files.opened(file_ways(samples, FILE, own, files.home), expected=expected)
        parts = f"it needs the task's own {', '.join(own.names)}: " if own.names else ""
        text = way.in_markdown() if way else _by_own_code(model, files, problem, samples=samples, expected=expected)
        return Loading(f"{parts}{problem}" if problem else "", text)


def _write_part(name: str, model: keras.Model, files: ModelFiles) -> str:
    """Write a part of a model. Returns a part of the model card about it."""
    with expected_answers() as expected:
        inputs, note = part_inputs(model, files.inputs)
        samples = write_inputs(model, inputs, files.folder / f"{name}_{SAMPLE_INPUTS}")
        file = f"{name}.keras"
        problem = write_answers(model, inputs, expected) or write_file(model, files.folder / file)
        way = None
        if not problem:
            ways = file_ways(samples, file, own_objects(files.folder / file), files.home, name=name)
            way, problem = files.opened(ways, expected=expected)
    text = way.in_markdown() if way else f"Keras cannot load it: {problem}."
    return f"### {name}\n\n{text}{note}"


def _by_own_code(
    model: keras.Model,
    files: ModelFiles,
    problem: str,
    *,
    samples: SampleFile | None = None,
    expected: Path | None = None,
) -> str:
    """Write the weights of a model. Returns the part of a model card about the way by the task's code."""
    write_weights(model, files.folder / WEIGHTS_FILE)
    count_steps = steps(files.config, count(files.data.splits["pool"]))
    building = building_code(files.task, files.config, steps=count_steps)
    way = rebuilt(samples, WEIGHTS_FILE, building, files.home, problem=problem)
    failed = files.opened([way], expected=expected)[1] if samples and expected and expected.is_file() else ""
    return way.in_markdown() + (f" This code could not be run: {failed}." if failed else "")


@contextmanager
def expected_answers() -> Iterator[Path]:
    """Yields the path of a file for a model's own answers, which is not given away."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / SAMPLE_ANSWERS


def write_file(model: keras.Model, path: Path) -> str:
    """Write a model as Keras's own file. Returns why that is impossible, or an empty text."""
    try:
        model.save(path)
    except Exception as error:  # Keras asks the user's classes how they are written.
        path.unlink(missing_ok=True)
        return f"Keras cannot write it as a file ({brief(error)})"
    return ""


def write_weights(model: keras.Model, path: Path) -> None:
    """Write a model's weights in its own order."""
    # Keras's own file of weights holds those of the optimizer, too, and loads only if the new model has trained.
    weights = (keras.ops.convert_to_numpy(weight) for weight in model.weights)
    np.savez(path, *map(storable, weights), allow_pickle=False)
