"""The process that lists a model's layers: one line in, one line out, and Keras only if the cache does not know."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from study.training import layer_list
from tests.conftest import ROOT

REFERENCE = f"{ROOT / 'tests' / 'user_tasks' / 'branched.py'}:task"


class Building:
    """Takes the place of the module that loads Keras."""

    def __init__(self) -> None:
        self.units: list[Any] = []

    def hidden_layers(self, config: Any) -> dict[str, list[str]]:
        self.units.append(config.settings["units"])
        print("printed by the user")
        return {"remove": [f"of {config.settings['units']}"]}


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Building:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path))
    made = Building()
    monkeypatch.setattr(layer_list, "_BUILDING", "tests.of_building")
    monkeypatch.setitem(sys.modules, "tests.of_building", made)
    return made


def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **asked: Any) -> Any:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"reference": REFERENCE, "baseline": {}, **asked}) + "\n"))
    layer_list.main()
    return json.loads(capsys.readouterr().out)


def test_the_same_code_at_the_same_baseline_is_built_once(
    building: Building, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert answer(monkeypatch, capsys) == {"remove": ["of 4"]}
        assert answer(monkeypatch, capsys, baseline={"units": 9, "unknown": 1}) == {"remove": ["of 9"]}
        assert answer(monkeypatch, capsys, baseline={"units": "wrong"}) == {"remove": ["of 4"]}
    assert building.units == [4, 9]


def test_what_goes_wrong_is_one_line(
    building: Building, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(building, "hidden_layers", lambda config: int("no\nnumber"))
    assert answer(monkeypatch, capsys)["problem"].startswith("ValueError: invalid literal for int()")
    assert "lacks" in answer(monkeypatch, capsys, reference="tests.conftest:ROOT")["problem"]
