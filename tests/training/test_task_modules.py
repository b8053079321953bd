"""The modules of a task are those of its own files."""

import sys
from pathlib import Path

from study.space.task_code import UNKNOWN, task_code
from study.space.task_loading import load_task
from study.training.task_modules import forget_task_modules, task_modules


def test_they_are_found_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "beside_the_task.py").write_text("COUNT = 3")
    text = "import beside_the_task\nfrom tests.user_tasks.points import Points\ntask = Points()\n"
    (tmp_path / "mine.py").write_text(text)
    load_task("./mine.py:task", folder=tmp_path)
    code = task_code("./mine.py:task", folder=tmp_path)
    modules = task_modules(code)
    assert {"mine.py", "beside_the_task.py"} <= set(modules)
    assert vars(modules["beside_the_task.py"])["COUNT"] == 3
    forget_task_modules(code)
    assert "beside_the_task" not in sys.modules
    assert "json" in sys.modules


def test_a_built_in_task_has_none() -> None:
    assert task_modules(UNKNOWN) == {}
