"""Where a task lies, and how it is imported from there."""

from pathlib import Path

import pytest

from study.space.task_loading import load_task
from study.training.task_home import TaskHome


@pytest.mark.parametrize(
    ("reference", "name", "attribute", "line"),
    [
        ("/x/digits.py:task", "digits", "task", "from digits import task"),
        ("/x/digits.py:mine", "digits", "mine", "from digits import mine"),
        ("/x/digits.py", "digits", "", "import digits"),
        ("my_project.digits:task", "my_project.digits", "task", "from my_project.digits import task"),
        ("my_project.digits", "my_project.digits", "", "import my_project.digits"),
    ],
)
def test_a_task_is_imported_by_its_name(reference: str, name: str, attribute: str, line: str) -> None:
    home = TaskHome(reference)
    assert (home.name, home.attribute, home.variable) == (name, attribute, name)
    assert home.importing(attribute) == line


@pytest.mark.parametrize("file", ["my-digits.py", "2024.py", "class.py"])
def test_a_file_without_a_name_of_python_s_is_imported_all_the_same(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / file).write_text("task = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    home = TaskHome(str(tmp_path / file))
    names: dict[str, object] = {}
    exec(f"{home.importing('')}\nvalue = {home.variable}.task", names)
    exec(f"{home.importing('task')}\nalso = task", names)
    assert (names["value"], names["also"]) == (7, 7)
    assert home.folders == [str(tmp_path)]


def test_classes_and_functions_are_found_where_they_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "layered.py").write_text(
        "from tests.user_tasks.points import Points\n\ndef soft(x):\n    return x\n\ntask = Points()\n"
    )
    load_task(reference := f"{tmp_path / 'layered.py'}:task", folder=Path())
    home = TaskHome(reference)
    assert home.place_of("soft", "builtins") == "layered"  # Keras takes every function for one of Python's.
    assert home.place_of("Points", "tests.user_tasks.points") == "tests.user_tasks.points"
    assert home.place_of("sqrt", "math") == "math"
    assert home.place_of("Inner", "layered") == ""
