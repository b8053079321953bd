"""The process that finds levels of equal size: one line in, one line out."""

import io
import json
import sys
from typing import Any

import pytest

from study.space.match import Match
from study.space.trial import TrialConfig
from study.training import size_matching
from tests.toy_task import DEPTH, POOLING, space


class Building:
    """Takes the place of the module that loads Keras: a model has a number of weights that depth and width decide."""

    built = 0

    def built_size(self, config: TrialConfig, by: str) -> int | None:
        self.built += 1
        print("printed by the user")
        depth, width = int(config.settings["depth"]), int(config.settings["width"])
        if config.settings["pooling"] == "flat":
            raise ValueError("no\nflat ones")
        return None if by == "flops" else depth * width**2 + 7 * width


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> Building:
    made = Building()
    monkeypatch.setattr(size_matching, "_BUILDING", "tests.of_sizes")
    monkeypatch.setitem(sys.modules, "tests.of_sizes", made)
    return made


def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *factors: Any, **of: Any) -> Any:
    match = Match("width", **{"by": "parameters", "within": 0.1, **of})
    asked = {"space": space(*factors).to_json(), "match": match.to_json()}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asked) + "\n"))
    size_matching.main()
    return json.loads(capsys.readouterr().out)


def test_each_point_gets_the_nearest_level(
    building: Building, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fits = answer(monkeypatch, capsys, DEPTH)
    target = 3 * 16**2 + 7 * 16
    for depth, label in ((1, "depth=1"), (5, "depth=5")):
        sizes = {width: depth * width**2 + 7 * width for width in range(1, 99)}
        best = min(sizes, key=lambda width: abs(sizes[width] - target))
        assert fits[label] == [best, sizes[best]]
    assert fits["baseline"] == [16, target]
    assert building.built < 16


@pytest.mark.usefixtures("building")
def test_what_goes_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = answer(monkeypatch, capsys, DEPTH, by="flops")
    assert asked == {"problem": "nobody knows how many flops the model of baseline has"}
    flat = answer(monkeypatch, capsys, POOLING)
    assert flat["problem"].startswith("pooling=flat")
    assert "cannot be built: ValueError: no" in flat["problem"]


@pytest.mark.usefixtures("building")
def test_a_task_that_refuses_levels_is_asked_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def even(self: object, settings: Any) -> list[str]:
        return ["odd"] if int(settings["width"]) % 8 else []

    monkeypatch.setattr("tests.toy_task.Toy.problems", even)
    fits = answer(monkeypatch, capsys, DEPTH)
    assert [level % 8 for level, _ in fits.values()] == [0, 0, 0]
    monkeypatch.setattr("tests.toy_task.Toy.problems", lambda self, settings: ["never"])
    refused = answer(monkeypatch, capsys, DEPTH)
    assert refused == {"problem": "depth=1: the task refuses every level of width near 16"}
