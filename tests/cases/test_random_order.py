"""Every task gives the bits of its trial alone, whatever ran before it in the same worker."""

import multiprocessing
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

from study.engines import worker_start
from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.space.task_loading import load_task
from study.space.trial import TrialConfig, TrialResult
from study.task import Fidelity, defaults
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

_DEFINES_TASK = re.compile(r"^(task\b.*=|def data\()", re.MULTILINE)
_FILES = [
    file
    for file in sorted((ROOT / "tests").rglob("*.py"))
    # The tasks of `mnist` download their data.
    if not file.name.startswith("test_")
    and file.parent.name != "mnist"
    and _DEFINES_TASK.search(file.read_text(encoding="utf-8"))
]
_BUDGET = 96
"""Examples, in each split at most, on which the tasks are trained here."""


@pytest.fixture(scope="module")
def _quick_start() -> Iterator[None]:
    """Workers start from a process that has loaded Keras already, but has computed nothing with it."""
    # Its environment is the workers', because libraries read it when they are loaded.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**worker_environment(1), "PYTHONHASHSEED": "0"}.items():
            patch.setenv(name, value)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["keras", "study.training.fit"])
        # Here, not with the first worker, whose mark it would bear: it would be ended when that worker is.
        forkserver.ensure_running()
        patch.setattr(worker_start, "SPAWN", context)
        patch.setattr("study.engines.local.SPAWN", context)
        yield


def configs() -> dict[str, TrialConfig]:
    """A trial of each task, at the task's defaults but for its budget."""
    wanted = {}
    for file in _FILES:
        # A file defines an object called `task`, or the functions of a task.
        for reference in (f"{file}:task", str(file)):
            with suppress(StudyError):  # Some files are no tasks, or wrong on purpose.
                task = load_task(reference, folder=Path())
                break
        else:
            continue
        fidelity = task.fidelity
        examples = (count and min(_BUDGET, count) for count in (fidelity.train_examples, fidelity.validation_examples))
        settings, name = defaults(task), file.stem if file.stem not in wanted else f"{file.parent.name}-{file.stem}"
        wanted[name] = TrialConfig(
            task.name, task.version, settings, settings, Fidelity(2, *examples), seed=0, reference=reference
        )
    return wanted


def run(trials: dict[str, TrialConfig], folder: Path) -> dict[str, Any]:
    """What came out of the trials, one after another in one worker."""
    outcomes = {}
    engine = LocalEngine(TRAIN, environment=worker_environment(1), timeout=100)
    try:
        for name, config in trials.items():
            outcomes[name] = outcome(finish(engine, config, folder / name))
    finally:
        engine.close()
    return outcomes


def finish(engine: LocalEngine, config: TrialConfig, folder: Path) -> TrialResult:
    engine.submit(0, config, folder)
    while True:
        for message in engine.messages():
            if isinstance(message, Built | Epoch):
                engine.answer(0, go_on=True)
            elif isinstance(message, Finished):
                return message.result


def outcome(result: TrialResult) -> Any:
    """All that must be the same: how it ended, every number as its text, and what it was measured to be."""
    measured = replace(result, seconds=0.0, timing={}, traceback="", curve=())
    return measured.to_json() | {
        "curve": [{name: repr(value) for name, value in each.items()} for each in result.curve]
    }


@pytest.fixture(scope="module")
def alone(_quick_start: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each trial gives in a process of its own, on data that it has made itself."""
    outcomes: dict[str, Any] = {}
    for name, config in configs().items():
        folder = tmp_path_factory.mktemp(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STUDY_CACHE", str(folder / "cache"))
            outcomes |= run({name: config}, folder)
    return outcomes


def test_every_task_was_tried(alone: dict[str, Any]) -> None:
    assert {"handwritten", "exploding", "toy_task", "points", "precision", "kept_layer", "patched"} <= alone.keys()
    states = {name: result["state"] for name, result in alone.items()}
    assert states["exploding"] == "diverged"
    ours = {"handwritten", "points", "precision", "kept_layer", "left_by_data", "patched", "whole_process"}
    ours |= {"global_draws"}
    assert {states[name] for name in ours} == {"complete"}
    assert alone["unnamed_metric"]["curve"][0].keys() >= {"auc", "val_auc", "precision", "val_precision"}
    assert alone["precision"]["curve"] != alone["points"]["curve"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_trial_gives_the_bits_that_it_gives_alone(
    seed: int, alone: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = configs()
    names = list(trials)
    random.Random(seed).shuffle(names)
    # What a task keeps in variables of its own reaches only the next trial of the same task. What its data leave
    # behind would reach only the trial that makes them.
    for name in ("kept_layer", "left_by_data"):
        names.insert(names.index(name), again := f"{name} again")
        trials[again] = trials[name]
        alone = alone | {again: alone[name]}
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    together = run({name: trials[name] for name in names}, tmp_path)
    order = ", ".join(names)
    assert {name: together[name] for name in names if together[name] != alone[name]} == {}, f"in the order {order}"
