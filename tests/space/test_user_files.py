"""Which files are the user's, and where in them an error was raised."""

import json
import sys
from pathlib import Path

import pytest

import analysis.saliency
from study.errors import TaskError
from study.space import user_modules
from study.space.task_loading import load_task
from study.space.user_files import is_users, raised_at
from study.task import Setting


def test_which_files_are_the_users(tmp_path: Path) -> None:
    assert is_users(tmp_path / "task.py")
    assert is_users(__file__)
    assert not is_users(json.__file__)
    assert not is_users(pytest.__file__)
    assert not is_users("<string>")
    assert not is_users(str(sys.modules["study.task"].__file__))
    assert not is_users(str(analysis.saliency.__file__))


def test_packages_in_any_folder_into_which_they_were_installed_are_not_the_users(tmp_path: Path) -> None:
    """As by `pip install --target`, which a container or a cluster may have on PYTHONPATH."""
    (tmp_path / "installed" / "keras" / "src").mkdir(parents=True)
    (tmp_path / "installed" / "keras-3.15.1.dist-info").mkdir()
    assert not is_users(tmp_path / "installed" / "keras" / "src" / "losses.py")
    assert not is_users(tmp_path / "installed" / "six.py")
    assert is_users(tmp_path / "mine.py")


def test_the_innermost_line_of_the_users_is_named_and_no_line_of_this_package() -> None:
    with pytest.raises(TaskError) as caught:
        Setting(None)  # type: ignore[arg-type]
    line = caught.tb.tb_lineno
    assert raised_at(caught.value) == f" (test_user_files.py, line {line})"
    assert raised_at(ValueError()) == ""


def test_a_file_of_the_users_may_have_the_name_of_a_file_of_this_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(user_modules, "_added", [])
    (tmp_path / "task.py").write_text("from study.task import Setting\n\nSETTING = Setting(None)\ntask = 1\n")
    with pytest.raises(TaskError, match=r"the default None cannot be a level.* \(task\.py, line 3\)$"):
        load_task("./task.py:task", folder=tmp_path)
    (tmp_path / "raising_helper.py").write_text("\n\n\nraise ValueError('no')\n")
    (tmp_path / "other.py").write_text("import raising_helper\ntask = 1\n")
    with pytest.raises(TaskError, match=r"ValueError: no \(raising_helper\.py, line 4\)$"):
        load_task("./other.py:task", folder=tmp_path)
