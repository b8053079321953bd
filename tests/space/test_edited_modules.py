"""In a process that lives long, an edited task and its helpers are loaded anew."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from study.space.edited_modules import forget_edited, note_loaded
from study.space.task_code import task_code
from study.space.task_loading import load_task

_TASK = """
from tests.toy_task import Toy
from {helper} import VERSION
task = Toy()
task.version = VERSION
"""


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    modules, path = dict(sys.modules), list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]
    sys.modules.update(modules)  # Tests hold objects of the modules that were forgotten.


def load(folder: Path) -> int:
    forget_edited()
    task = load_task("./mine.py:task", folder=folder)
    note_loaded(task_code("./mine.py:task", folder=folder))
    return task.version


def test_an_edit_of_a_task_or_its_helper_counts(folder: Path) -> None:
    (folder / "mine.py").write_text(_TASK.format(helper="edited_helper"))
    (folder / "edited_helper.py").write_text("VERSION = 1\n")
    assert load(folder) == 1
    before = sys.modules["edited_helper"]
    assert (load(folder), sys.modules["edited_helper"]) == (1, before)
    (folder / "edited_helper.py").write_text("VERSION = 2  # raised\n")
    importlib.invalidate_caches()
    assert load(folder) == 2
    (folder / "mine.py").write_text(_TASK.format(helper="edited_helper").replace("= VERSION", "= VERSION + 1"))
    assert load(folder) == 3


def test_two_tasks_with_the_same_text_are_kept_apart(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "mine.py").write_text("from tests.toy_task import Toy\ntask = Toy()\ntask.version = 1\n")
        assert load(folder / name) == 1
    (folder / "two" / "mine.py").write_text("from tests.toy_task import Toy\ntask = Toy()\ntask.version = 22\n")
    assert (load(folder / "one"), load(folder / "two")) == (1, 22)
