"""The list of a model's layers in the cache: one for each baseline, code and place."""

from pathlib import Path

import pytest

from study.space.kept_layers import KeptLayers
from tests.conftest import ROOT
from tests.space.toml_texts import written

REFERENCE = f"{ROOT / 'tests' / 'user_tasks' / 'branched.py'}:task"
LAYERS = {"remove": ["hidden"], "freeze": []}


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path))
    return tmp_path


def test_a_list_is_read_where_the_same_model_is_asked_for() -> None:
    assert KeptLayers.of(REFERENCE, {}).read() is None
    KeptLayers.of(REFERENCE, {"units": 4, "unknown": 1}).write(LAYERS)
    assert KeptLayers.of(REFERENCE, {"units": "wrong"}).read() == LAYERS
    assert KeptLayers.of(REFERENCE, {"units": 5}).read() is None


def test_an_edit_or_another_place_is_another_model(tmp_path: Path) -> None:
    code = "def data():\n    return {}\n\ndef build(units=4):\n    return units\n"
    paths = set()
    for place, text in (("a", code), ("a", code.replace("return units", "return -units")), ("b", code)):
        (tmp_path / place).mkdir(exist_ok=True)
        paths.add(KeptLayers.of(str(written(tmp_path / place, text, "task.py")), {}).path)
    assert len(paths) == 3


def test_a_cache_that_cannot_be_used_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "file"))
    kept = KeptLayers.of(REFERENCE, {})
    kept.write(LAYERS)
    assert kept.read() is None


def test_a_damaged_list_counts_as_none() -> None:
    kept = KeptLayers.of(REFERENCE, {})
    kept.path.write_text("[1, 2")
    assert kept.read() is None
