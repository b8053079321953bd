"""How a user's module is imported, and where it lies."""

from pathlib import Path

import pytest

from study.errors import TaskError
from study.space.task_import import from_module, like


def test_a_module_is_imported_once_and_asked(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("value = object()\n")
    first = from_module("own.py", "own.py", tmp_path, lambda module: module.value)
    assert first is from_module("x", str(tmp_path / "own.py"), Path("/"), lambda module: module.value)


def test_whatever_it_raises_is_one_line_that_names_the_reference_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("\n1 / 0\n")
    with pytest.raises(TaskError) as caught:
        from_module("./own.py", "own.py", tmp_path, lambda module: module)
    assert str(caught.value) == (
        "task './own.py' cannot be imported: ZeroDivisionError: division by zero (own.py, line 2)"
    )


def test_a_similar_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "digits.py").touch()
    assert like(tmp_path / "digit.py") == "; did you mean 'digits.py'?"
    assert like(tmp_path / "zzz.py") == like(tmp_path / "none" / "digits.py") == ""


def test_a_module_that_its_path_would_find_is_said_to_have_one(tmp_path: Path) -> None:
    (tmp_path / "my_tasks").mkdir()
    (tmp_path / "my_tasks" / "digits.py").touch()
    with pytest.raises(TaskError, match=r"'my_tasks'; .* from the current folder: give '\./my_tasks/digits\.py'$"):
        from_module("my_tasks.digits", "my_tasks.digits", tmp_path, lambda module: module)
    with pytest.raises(TaskError, match=r"No module named 'my_tasks'$"):
        from_module("my_tasks.letters", "my_tasks.letters", tmp_path, lambda module: module)
