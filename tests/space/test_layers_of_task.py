"""Where `each` finds the layers of a task's model."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from study.errors import TaskError
from study.space import layers_of_task
from study.space.kept_layers import KeptLayers
from study.space.layers_of_task import LayersOfTask
from tests.space.toml_texts import written

TASK = """
import keras


def data():
    return {}


def build():
    return keras.models.load_model("model.keras")
"""


@pytest.fixture(autouse=True)
def _names_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(layers_of_task, "hidden_layers", lambda path, kind: [path.name, kind])


def test_the_file_that_the_search_space_names_comes_first(tmp_path: Path) -> None:
    layers = LayersOfTask("./task.py:task", folder=tmp_path, file="other.keras")
    assert layers.hidden("remove") == ["other.keras", "remove"]


def test_otherwise_the_task_names_one(tmp_path: Path) -> None:
    written(tmp_path, TASK, "task.py")
    written(tmp_path, "saved", "model.keras")
    assert LayersOfTask("./task.py:task", folder=tmp_path).hidden("freeze") == ["model.keras", "freeze"]


def answering(monkeypatch: pytest.MonkeyPatch, text: str, status: int = 0) -> list[str]:
    """Lets another process answer with this text. Returns what it is asked."""
    asked: list[str] = []

    def run(command: list[str], *, input: str, **_: Any) -> Any:
        asked.append(input)
        return subprocess.CompletedProcess(command, status, text)

    monkeypatch.setattr(subprocess, "run", run)
    return asked


@pytest.mark.parametrize("names", ["", '["a.keras", "b.keras"]'])
def test_a_model_that_no_single_file_holds_is_built(
    names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, TASK.replace('"model.keras"', names or "MODEL"), "task.py")
    for name in ("a.keras", "b.keras"):
        written(tmp_path, "saved", name)
    asked = answering(monkeypatch, 'printed by the user\n{"remove": ["conv", "pool"], "freeze": ["conv"]}\n')
    layers = LayersOfTask("./task.py", folder=tmp_path, baseline={"units": 3})
    assert layers.hidden("remove") == ["conv", "pool"]
    assert layers.hidden("freeze") == ["conv"]
    assert [json.loads(line) for line in asked] == [{"reference": str(tmp_path / "task.py"), "baseline": {"units": 3}}]


def test_a_list_in_the_cache_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, TASK.replace('"model.keras"', "MODEL"), "task.py")
    asked = answering(monkeypatch, "")
    KeptLayers.of(str(tmp_path / "task.py"), {}).write({"remove": ["conv"], "freeze": []})
    layers = LayersOfTask("./task.py", folder=tmp_path)
    assert (layers.hidden("remove"), layers.hidden("freeze")) == (["conv"], [])
    assert asked == []


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ('{"problem": "ValueError: no luck"}', 0, "ValueError: no luck"),
        ("", -9, "the process that builds it ended with -9"),
    ],
)
def test_a_model_that_cannot_be_built_says_why(
    text: str, status: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, text, status)
    with pytest.raises(TaskError, match=f"which cannot be built: {reason}; or list"):
        LayersOfTask("tests.toy_task:task", folder=Path()).hidden("remove")
