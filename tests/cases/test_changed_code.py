"""A task that is edited between two runs: its user is asked first, and no model of other code is shown."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, study

pytestmark = pytest.mark.slow

STUDY = """
name = "edited"
task = "./task.py:task"
seeds = 1
objective = { metric = "val_acc", direction = "maximize" }
factors = { units = [4, 8] }
design = { kind = "ablation" }
"""
TASK = (ROOT / "tests" / "user_tasks" / "points.py").read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDY_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "task.py").write_text(TASK)
    return tmp_path


def test_an_edited_model_is_asked_about_and_its_scores_are_not_shown_for_the_old_one(folder: Path) -> None:
    file, task = str(folder / "study.toml"), folder / "task.py"
    study("run", file, "--workers", "1")
    assert "nothing to run" in study("run", file)
    task.write_text(TASK.replace('"relu"', '"tanh"'))
    words = ("task.py changed after 2 cells", "nothing was run", "--accept")
    for seeds in (1, 3):
        (folder / "study.toml").write_text(STUDY.replace("seeds = 1", f"seeds = {seeds}"))
        refusal = study("run", file, status=2)
        assert all(word in refusal for word in words), refusal
        assert "running" not in refusal
    (folder / "study.toml").write_text(STUDY)
    assert "task.py changed after 2 cells" in study("check", file)
    assert "task.py changed after 2 cells" in study("status", "edited")
    assert "task.py changed since" in study("best", "edited", "--test", status=2)
    assert "never opened" in study("best", "edited")
    assert "task.py changed since" in study("export-model", "edited", "--out", str(folder / "out"), status=2)
    assert not (folder / "out").exists()
    task.write_text(TASK + "\n# A comment.\n")
    study("run", file, status=2)
    assert "nothing to run" in study("run", file, "--accept")
    assert "accepted as the same code: task.py changed after 2 cells" in study("status", "edited")
    assert "nothing to run" in study("run", file)
    study("export-model", "edited", "--out", str(folder / "out"))


def test_two_tasks_of_one_name_and_an_edited_one_get_their_own_data(folder: Path) -> None:
    def made() -> int:
        return study("cache", "make", str(folder / "study.toml")).count("made in")

    task = folder / "task.py"
    assert (made(), made()) == (1, 0)
    task.write_text(TASK.replace('"relu"', '"tanh"') + "\n# A comment.\n")
    assert made() == 0
    task.write_text(TASK.replace("default_rng(0)", "default_rng(1)"))
    assert made() == 1
    task.write_text(TASK)
    assert made() == 0
    (folder / "other").mkdir()
    (folder / "other" / "task.py").write_text(TASK.replace("(192, 8)", "(192, 9)"))
    (folder / "other" / "study.toml").write_text(STUDY)
    assert "made in" in study("cache", "make", str(folder / "other" / "study.toml"))
    entries = json.loads(study("cache", "list", "--json"))["entries"]
    assert sorted(entry["place"] for entry in entries) == [
        str(folder / "other" / "task.py"),
        str(task),
        str(task),
    ]
