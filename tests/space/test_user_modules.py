"""The user's own modules are found from anywhere, behind every package."""

import subprocess
import sys
from pathlib import Path

import pytest

from study.errors import TaskError
from study.space import user_modules
from study.space.task_loading import load_task
from study.space.user_modules import (
    folders_of,
    forget_helpers_elsewhere,
    own_packages,
    search_behind,
    taken_names,
    user_folders,
)

TASK = """
from study.task import Fidelity

class Own:
    name, version, settings, fidelity = "own", 1, {}, Fidelity(epochs=1, train_examples=1, validation_examples=1)
    problems = data = build = lambda self: None

task = Own()
"""


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests may have added their folders.
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder != "/"])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(user_modules, "_added", [])


def write_task(folder: Path, first_lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "task.py").write_text(first_lines + TASK)
    return folder


def test_folders_come_last_and_the_newest_comes_first_among_them(tmp_path: Path) -> None:
    before = list(sys.path)
    for name in ("a", "b", "a"):
        search_behind(tmp_path / name)
    assert sys.path == [*before, str(tmp_path / "a"), str(tmp_path / "b")]
    search_behind(Path(before[-1]))
    assert sys.path[: len(before)] == before
    assert user_folders()[-2:] == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_the_folder_of_this_package_is_no_user_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(user_modules.__file__).parents[2]
    monkeypatch.chdir(root)
    sys.path.append(str(root))
    assert str(root) not in user_folders()
    monkeypatch.chdir("/")
    sys.path.append("/")
    assert user_folders() == ["/"]


def test_a_module_beside_the_task_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [write_task(tmp_path / name, "import own_helper\n") for name in ("a", "b")]
    for folder in folders:
        (folder / "own_helper.py").write_text(f"WHERE = {folder.name!r}")
    monkeypatch.chdir("/")
    found = []
    for folder in folders:
        load_task("./task.py:task", folder=folder)
        found.append(sys.modules["own_helper"].WHERE)
    assert found == ["a", "b"]


@pytest.mark.parametrize("init", [True, False])
@pytest.mark.parametrize("name", ["own_package", "tasks", "test", "study"])
def test_a_file_of_a_package_imports_from_it_by_dots(name: str, init: bool, tmp_path: Path) -> None:
    outer, inner = tmp_path / name, tmp_path / name / "deep"
    inner.mkdir(parents=True)
    (outer / "base.py").write_text("WHERE = __name__")
    (inner / "helper.py").write_text("from ..base import WHERE")
    if init:
        (outer / "__init__.py").write_text("")
        (inner / "__init__.py").write_text("ONCE = 1")
    write_task(inner, f"from . import helper\nfrom ..base import WHERE\n{'from . import ONCE' if init else ''}\n")
    task = load_task("./deep/task.py:task", folder=outer)
    assert task is load_task("task.py:task", folder=inner)
    assert sys.modules[type(task).__module__].WHERE.endswith(f".{name}.base")
    assert own_packages(inner / "task.py") == [outer, inner]


def test_a_file_of_a_package_finds_the_package_by_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_task(tmp_path / "own_package", "import own_package.helper\nfrom own_package import helper\n")
    for name in ("__init__.py", "helper.py"):
        (folder / name).write_text("")
    monkeypatch.chdir("/")
    assert load_task("./own_package/task.py:task", folder=tmp_path).name == "own"
    assert folders_of(folder / "task.py") == [tmp_path, folder]
    assert folders_of(tmp_path / "task.py") == [tmp_path]
    assert own_packages(folder / "task.py") == []


def test_dots_that_find_nothing_are_said_with_their_line(tmp_path: Path) -> None:
    folder = write_task(tmp_path, "from .absent import mine\n")
    with pytest.raises(TaskError, match=r"No module named '.*\.absent' \(task\.py, line 1\)$"):
        load_task("./task.py:task", folder=folder)


def test_only_what_lies_beside_a_task_is_forgotten(tmp_path: Path) -> None:
    file = write_task(tmp_path / "a", "import json\n") / "task.py"
    (tmp_path / "a" / "json.py").write_text("")
    forget_helpers_elsewhere(file)
    assert "json" in sys.modules


@pytest.mark.parametrize("name", ["study", "random", "json", "keras", "numpy", "analysis"])
def test_a_file_called_as_a_well_known_package_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = write_task(tmp_path, "import json\nimport random\n")
    (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    assert load_task("./task.py:task", folder=folder).name == "own"


@pytest.mark.parametrize("helper", ["rich.py", "rich/__init__.py"])
def test_a_helper_with_the_name_of_a_package_is_refused(helper: str, tmp_path: Path) -> None:
    folder = write_task(tmp_path, "from rich import mine\n")
    (tmp_path / helper).parent.mkdir(exist_ok=True)
    (tmp_path / helper).write_text("mine = 1")
    with pytest.raises(TaskError, match="`import rich` finds ") as caught:
        load_task("./task.py:task", folder=folder)
    assert str(caught.value).endswith(f", not {tmp_path / helper.partition('/')[0]}; rename {helper.partition('/')[0]}")
    assert "\n" not in str(caught.value)


def test_a_name_that_python_has_itself_is_explained_if_it_fails(tmp_path: Path) -> None:
    folder = write_task(tmp_path, "from random import mine\n")
    (tmp_path / "random.py").write_text("mine = 1")
    with pytest.raises(
        TaskError,
        match=r"cannot import name 'mine'.*; `import random` finds .*; rename random\.py \(task\.py, line 1\)$",
    ):
        load_task("./task.py:task", folder=folder)
    write_task(tmp_path, "import random, nowhere_at_all\n")
    with pytest.raises(TaskError, match=r"No module named 'nowhere_at_all' \(task\.py, line 1\)$"):
        load_task("./task.py:task", folder=folder)


def test_a_file_that_cannot_be_parsed_names_nothing(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("def (:\n")
    assert taken_names(tmp_path / "task.py") == []
    assert taken_names(tmp_path / "absent.py") == []


def test_a_built_in_module_beside_the_task_is_known_to_be_pythons(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import time\n")
    (tmp_path / "time.py").write_text("")
    (taken,) = taken_names(tmp_path / "task.py")
    assert str(taken) == f"`import time` finds Python's own time, not {tmp_path / 'time.py'}; rename time.py"
    assert taken.means_other


def test_nothing_is_needed_but_python() -> None:
    code = "import sys, study.space.user_modules; print({'numpy', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
