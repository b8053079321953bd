"""One function of a task is called with what its signature names, whatever kind of task it is."""

from pathlib import Path
from typing import Any, cast

import pytest

from study.errors import TaskError
from study.space import task_call
from study.space.task_loading import load_task
from study.task import Task
from tests import toy_task


class Full(toy_task.Toy):
    """A class with every part."""

    def data(self, settings: Any, report: Any) -> Any:
        return settings, report

    def build(self, settings: Any, *, steps: int, train: Any = None) -> Any:
        return settings, steps, train

    def callbacks(self, settings: Any) -> Any:
        return [settings]

    def before_epoch(self, settings: Any, model: Any, epoch: int) -> Any:
        return settings, model, epoch

    def fit(self, settings: Any, **offers: Any) -> Any:
        return settings, offers

    def fresh(self, settings: Any, *, count: int, seed: int) -> Any:
        return settings, count, seed

    def text(self, answer: Any) -> str:
        return f"<{answer}>"


TASK: Task = Full()
SETTINGS = {"depth": 1}


def never() -> Any:
    raise AssertionError


def test_a_class_gets_the_settings_first_and_the_offers_that_it_names() -> None:
    assert task_call.call(TASK, "data", SETTINGS, progress=lambda: 1) == (SETTINGS, 1)
    assert task_call.call(TASK, "build", SETTINGS, steps=lambda: 2, train=lambda: 3) == (SETTINGS, 2, 3)
    assert task_call.call(TASK, "callbacks", SETTINGS, steps=never) == [SETTINGS]
    assert task_call.call(TASK, "before_epoch", SETTINGS, epoch=lambda: 0, model=lambda: 1) == (SETTINGS, 1, 0)
    assert task_call.call(TASK, "fit", SETTINGS, model=lambda: 1) == (SETTINGS, {"model": 1})
    assert task_call.call(TASK, "fresh", SETTINGS, count=lambda: 1, seed=lambda: 2) == (SETTINGS, 1, 2)
    assert task_call.call(TASK, "text", SETTINGS, target=lambda: 5) == "<5>"


def test_a_class_that_asks_for_something_else_is_told_what_it_gets() -> None:
    class Odd(toy_task.Toy):
        def build(self, settings: Any, *, steps: int, pool: Any) -> Any:  # type: ignore[override]
            raise NotImplementedError

    with pytest.raises(TaskError, match=r"build\(\) of the task asks for `pool`; it is handed the settings, `steps`"):
        task_call.call(cast("Task", Odd()), "build", SETTINGS, steps=lambda: 1)


def test_a_file_and_a_class_are_asked_alike_what_they_have(tmp_path: Path) -> None:
    build = "def build(size, rate=1, *, steps): return size, rate, steps"
    code = f"def data(size=3): ...\n{build}\ndef text(target): return target"
    (tmp_path / "own.py").write_text(code)
    own = load_task("./own.py", folder=tmp_path)
    assert [task_call.has(own, name) for name in ("build", "callbacks", "text")] == [True, False, True]
    assert [task_call.has(TASK, name) for name in ("build", "callbacks", "other")] == [True, True, False]
    assert task_call.call(own, "build", {"size": 4}, steps=lambda: 2, train=never) == (4, 1, 2)
    assert task_call.call(own, "text", {}, target=lambda: 5) == 5
    assert task_call.names(own, "build") == ["size", "rate", "steps"]
    assert task_call.names(TASK, "build") == []


def test_a_file_is_imported_before_its_functions_are_called(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def data(): ...\ndef build(): ...\nraise ValueError('not today')\n")
    own = load_task("./own.py", folder=tmp_path)
    with pytest.raises(TaskError, match=r"cannot be imported: ValueError: not today \(own\.py, line 3\)"):
        task_call.load(own)
    task_call.load(TASK)
