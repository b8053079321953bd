"""What a task's `data` leaves behind does not reach the model of the trial that made the data."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from study.engines import process_state
from study.engines.engine import READY
from study.space.task_code import code_of
from study.training.environment import task_in_worker
from study.training.task_data import attach_data
from tests.conftest import ROOT
from tests.engines.test_local import config


def test_the_task_is_imported_anew_after_its_data_were_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "tests" / "user_tasks" / "points.py").read_text()
    (tmp_path / "own.py").write_text(text.replace("chance = np", "self.made = True\n        chance = np"))
    asked = replace(config(), reference=f"{tmp_path / 'own.py'}:task", settings={}, defaults={})
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))

    def forget() -> None:
        for name in [name for name in sys.modules if name.startswith("study_task_") and name.endswith("_own")]:
            del sys.modules[name]

    monkeypatch.setattr(process_state, "restore", forget)
    code, task = code_of(asked), task_in_worker(asked)
    anew, data = attach_data(task, asked, code=code, on_progress=lambda what, done, total: None)
    assert hasattr(task, "made")
    assert not hasattr(anew, "made")
    again, same = attach_data(anew, asked, code=code, on_progress=lambda what, done, total: None)
    assert again is anew
    assert (same, data.is_new, same.is_new) == (data, True, False)


def test_only_data_that_are_made_are_said_to_be_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path))
    monkeypatch.setattr(process_state, "restore", lambda: None)
    asked = replace(config(), reference="tests.user_tasks.points:task", settings={}, defaults={})
    said: list[str] = []
    for _ in range(2):
        task = task_in_worker(asked)
        attach_data(task, asked, code=code_of(asked), on_progress=lambda what, done, total: said.append(what))
    assert said == ["making data", READY]
