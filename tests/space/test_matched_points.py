"""The levels of equal size come from another process, once for each question."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.errors import TaskError
from study.space.match import Match
from study.space.matched_points import MatchedPoints
from study.space.nearest_size import Fit
from tests.toy_task import DEPTH, POOLING, space

WIDTH = Match("width", "parameters", 0.02)
ANSWER = '{"baseline": [16, 100.0], "depth=1": [40, 102.0], "depth=5": [12, 99.0]}'


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path))


def answering(monkeypatch: pytest.MonkeyPatch, text: str = ANSWER, status: int = 0) -> list[Any]:
    """Lets another process answer with this text. Returns what it is asked."""
    asked: list[Any] = []

    def run(command: list[str], *, input: str, **_: Any) -> Any:
        asked.append(json.loads(input))
        return subprocess.CompletedProcess(command, status, f"printed by the user\n{text}\n" if text else "")

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_the_same_question_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, points = answering(monkeypatch), MatchedPoints(space(DEPTH), WIDTH)
    assert points.fits() == {"baseline": Fit(16, 100), "depth=1": Fit(40, 102), "depth=5": Fit(12, 99)}
    assert points.fits() == MatchedPoints(space(DEPTH, seeds=(7, 8), margin=0.1), replace(WIDTH, within=0.5)).fits()
    assert [(one["space"]["name"], one["match"]["setting"]) for one in asked] == [("played", "width")]


@pytest.mark.parametrize(
    "other",
    [
        MatchedPoints(space(DEPTH), replace(WIDTH, by="flops")),
        MatchedPoints(space(DEPTH), replace(WIDTH, setting="depth")),
        MatchedPoints(space(DEPTH, POOLING), WIDTH),
        MatchedPoints(replace(space(DEPTH), baseline={**space(DEPTH).baseline, "width": 3}), WIDTH),
    ],
    ids=["flops", "setting", "points", "baseline"],
)
def test_another_question_is_asked_anew(other: MatchedPoints, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch)
    MatchedPoints(space(DEPTH), WIDTH).fits()
    other.fits()
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ('{"problem": "nobody knows"}', 0, "nobody knows"),
        ("", -9, "the process that builds the models ended with -9"),
        (ANSWER, 1, "the process that builds the models ended with 1"),
    ],
)
def test_what_goes_wrong_is_said_and_not_kept(
    text: str, status: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, text, status)
    with pytest.raises(TaskError, match=reason):
        MatchedPoints(space(DEPTH), WIDTH).fits()
    answering(monkeypatch)
    assert MatchedPoints(space(DEPTH), WIDTH).fits()


def test_a_damaged_answer_counts_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch)
    MatchedPoints(space(DEPTH), WIDTH).fits()
    (kept,) = tmp_path.glob(".toy-*.sizes.json")
    kept.write_text("[1, 2")
    assert len(MatchedPoints(space(DEPTH), WIDTH).fits()) == 3
