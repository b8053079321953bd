"""What a check of a task tries, and what it says of each thing that fails."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from study.engines.cell_folder import STEP
from study.engines.engine import Finished, Message
from study.running import task_check
from study.running.task_check import Step, check_steps
from study.space.trial import TrialConfig, TrialResult

CODE = """\
from typing import Literal
import keras
import numpy as np

batch_size = 16

def data(shift: Literal[0, 1] = 0):
    x = np.arange(400.0).reshape(100, 4) % 7 + shift
    y = x.sum(axis=1, keepdims=True)
    return {"pool": (x[:80], y[:80]), "validation": (x[80:], y[80:])}

def build(units: Literal[2, 3] = 2):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model
"""
FINE = TrialResult("complete", data={"counts": {"pool": 80, "validation": 20}})
TRAINED = TrialResult("complete", curve=({"loss": 1.0, "val_acc": 0.5}, {"loss": 0.5, "val_acc": 0.25}), parameters=13)
DIED = TrialResult("failed", failure="worker", reason="the worker died (killed by SIGKILL)")
FAILED = TrialResult(
    "failed",
    failure="exception",
    reason="ValueError: odd (own.py, line 13)",
    traceback='In the task:\n  File "/x/own.py", line 13, in build\n    raise ValueError\nAll of it:\n',
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(CODE)
    return path


@pytest.mark.slow
def test_every_function_of_a_task_is_tried_in_workers(file: Path) -> None:
    steps = {step.name: step for step in check_steps(str(file))}
    assert [step for step in steps.values() if step.problem] == []
    assert {name: step.note for name, step in steps.items()} == {
        "data": "pool 80, validation 20",
        "baseline": "13 parameters, trained for 2 epochs",
        "metrics": "loss, mae, val_loss, val_mae",
        "levels": "2 trained for 2 epochs: shift=1, units=3",
        "resume": "a trial that was killed after its first epoch has the numbers of one that was not",
        "same data": "made twice, in two processes",
        "saved model": "a fresh process opened it, and it gave the same answers",
    }


Answer = Callable[[str, TrialConfig], TrialResult]


def steps_if(monkeypatch: pytest.MonkeyPatch, file: Path, answer: Answer) -> list[Step]:
    """The steps, if a worker answers so."""

    class Engine:
        def __init__(self, *_: Any, **__: Any) -> None:
            self.messages: Callable[[], Iterable[Message]] = list

        def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
            result = answer((folder / STEP).read_text(), config)
            self.messages = lambda: [Finished(trial, result)]

        def close(self) -> None: ...

    monkeypatch.setattr(task_check, "LocalEngine", Engine)
    return list(check_steps(str(file)))


def fine(step: str, config: TrialConfig) -> TrialResult:
    """A worker in which all is well."""
    return {"train": TRAINED, "train and die": DIED}.get(step, FINE)


def problems(steps: list[Step]) -> dict[str, str]:
    return {step.name: step.problem for step in steps if step.problem}


def test_nothing_follows_a_baseline_that_fails(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = "build() failed: ValueError: odd (own.py, line 13)"
    for failed, name in (("data", "data"), ("train", "baseline")):

        def answer(step: str, config: TrialConfig, failed: str = failed) -> TrialResult:
            return FAILED if step == failed else fine(step, config)

        last = steps_if(monkeypatch, file, answer)[-1]
        assert (last.name, last.problem, last.traceback) == (name, failing, FAILED.traceback)
    refused = TrialResult("refused", reason="units act only with a layer")
    steps = steps_if(monkeypatch, file, lambda step, config: refused)
    assert problems(steps) == {"data": "problems() refuses these settings: units act only with a layer"}


def test_a_level_that_fails_is_named_and_the_others_are_tried(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(step: str, config: TrialConfig) -> TrialResult:
        if config.settings["shift"] == 1:
            return TrialResult("refused", reason="no")
        return FAILED if step == "train" and config.settings["units"] == 3 else fine(step, config)

    steps = steps_if(monkeypatch, file, answer)
    assert problems(steps) == {"units=3": "build() failed: ValueError: odd (own.py, line 13)"}
    note = next(step.note for step in steps if step.name == "levels")
    assert note == "0 trained for 2 epochs: none; 1 left out, because problems() refuses them"


def test_a_metric_that_the_study_asks_for_must_be_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = file.with_suffix(".toml")
    study.write_text(
        'task = "./own.py"\n[objective]\nmetric = "val_ac"\ndirection = "maximize"\n[factors]\nunits = [2, 3]\n'
        '[design]\nkind = "dose"\n'
    )
    text = "build() reports loss, val_acc, but not the objective, val_ac; did you mean 'val_acc'?"
    assert problems(steps_if(monkeypatch, study, fine)) == {"metrics": text}
    study.write_text(study.read_text().replace("val_ac", "val_acc"))
    steps = steps_if(monkeypatch, study, fine)
    assert next(step.note for step in steps if step.name == "metrics") == "loss, val_acc (the objective)"


def test_other_numbers_and_other_data_are_problems(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[TrialResult] = []

    def answer(step: str, config: TrialConfig) -> TrialResult:
        if step == "data again":
            return TrialResult("complete", reason="pool.inputs")
        if step == "train":
            loss = 0.5 if len(trained) < 3 else 0.75
            trained.append(TrialResult("complete", curve=({"loss": float("nan")}, {"loss": loss})))
            return trained[-1]
        return fine(step, config)

    assert problems(steps_if(monkeypatch, file, answer)) == {
        "resume": "a trial that was killed after its first epoch has other numbers than one that was not: "
        "loss is 0.75, not 0.5, in epoch 2",
        "same data": "data() made other data the second time; draw from a generator with a seed of its own: "
        "pool.inputs",
    }


BAD = (
    CODE.replace(
        'model.compile("sgd", "mse"',
        'model.compile("sgd", lambda y, p: keras.ops.square(y - p) * (1 + os.getpid() / 1e6)',
    )
    .replace("batch_size = 16", "import os, secrets\nbatch_size = 16")
    .replace("% 7", "% 7 + secrets.randbelow(10**9) / 1e9")
)


@pytest.mark.slow
def test_what_depends_on_the_process_is_found(file: Path) -> None:
    file.write_text(BAD.replace("    model = ", "    if units == 3:\n        raise ValueError('odd')\n    model = "))
    found = problems(list(check_steps(str(file))))
    assert found["units=3"] == "build() failed: ValueError: odd (own.py, line 15)"
    assert "has other numbers than one that was not: " in found["resume"]
    assert found["same data"].endswith(
        "with a seed of its own: pool.inputs, pool.targets, validation.inputs, validation.targets"
    )
    assert "its saved weights do not give the recorded numbers" in found["saved model"]
