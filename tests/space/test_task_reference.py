"""A task that is given in Python is named so that a worker can import it, or refused with the way out."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from study.errors import TaskError
from study.space.task_reference import reference_of
from study.tasks import qr_digits
from tests import toy_task
from tests.toy_task import Toy


def module_from(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module as if the user had imported it from a file."""
    module = ModuleType(name)
    module.__file__ = str(path)
    exec(compile(path.read_text(), path, "exec"), vars(module))
    monkeypatch.setitem(sys.modules, name, module)
    return module


def test_texts_and_paths_are_names_already() -> None:
    assert reference_of("my_project.digits:task") == "my_project.digits:task"
    assert reference_of(Path("digits.py")) == "digits.py"


def test_an_object_is_named_by_the_module_that_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reference_of(toy_task.task) == "tests.toy_task:task"
    assert reference_of(qr_digits.task) == "qr_digits"
    (tmp_path / "mine.py").write_text("class Mine: pass\nfirst, second = Mine(), Mine()\n")
    mine = module_from(tmp_path / "mine.py", "mine", monkeypatch)
    assert reference_of(mine.second) == f"{tmp_path / 'mine.py'}:second"
    (tmp_path / "other.py").write_text("from mine import second as renamed\n")
    other = module_from(tmp_path / "other.py", "another", monkeypatch)
    assert reference_of(other.renamed) == f"{tmp_path / 'mine.py'}:second"


def test_a_module_is_named_by_its_file_or_in_a_package_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("epochs = 3\n")
    assert reference_of(module_from(tmp_path / "mine.py", "mine", monkeypatch)) == str(tmp_path / "mine.py")
    assert reference_of(toy_task) == "tests.toy_task"


def defined_in_a_notebook() -> list[Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("def build(): ...\nclass Mine: pass\ntask = Mine()", names)
    return [names["build"], names["task"], names["Mine"]]


@pytest.mark.parametrize("task", defined_in_a_notebook(), ids=["function", "object", "class"])
def test_what_a_notebook_defines_is_refused_with_the_way_out(task: Any) -> None:
    with pytest.raises(TaskError, match=r"a worker process cannot import what a notebook .* %%writefile digits\.py"):
        reference_of(task)


def test_an_object_without_a_name_is_refused() -> None:
    with pytest.raises(TaskError, match=r"has no name in its module, .* give it one in the module"):
        reference_of(Toy())
