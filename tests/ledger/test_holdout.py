"""Every opening of the test split is recorded whole, counted and reported."""

from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger import holdout
from study.ledger.holdout import Opening


def opening(point: str, *, time: str = "2026-11-22T12:00:00+00:00") -> Opening:
    return Opening(time, point, 1, "a" * 64, 100, {"acc": 0.5})


def test_none_at_first_then_one_more_each_time(tmp_path: Path) -> None:
    assert holdout.read_openings(tmp_path) == []
    for number in (1, 2, 3):
        holdout.record_opening(tmp_path, opening(f"depth={number}"))
    assert [found.point for found in holdout.read_openings(tmp_path)] == ["depth=1", "depth=2", "depth=3"]
    assert holdout.read_openings(tmp_path)[0] == opening("depth=1")


def test_one_that_was_cut_off_was_told_to_nobody(tmp_path: Path) -> None:
    holdout.record_opening(tmp_path, opening("depth=1"))
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text() + path.read_text()[:30])
    assert len(holdout.read_openings(tmp_path)) == 1
    holdout.record_opening(tmp_path, opening("depth=2"))
    assert [found.point for found in holdout.read_openings(tmp_path)] == ["depth=1", "depth=2"]


def test_a_damaged_line_is_refused_in_one_line(tmp_path: Path) -> None:
    holdout.record_opening(tmp_path, opening("depth=1"))
    (path,) = tmp_path.iterdir()
    for damaged in (b'{"time"\0\n', b"7\n", b"\xff\n", b"{}\n"):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"test_openings\.jsonl: cannot be read .*; put a copy back"):
            holdout.read_openings(tmp_path)


def test_the_sentence_says_how_often_and_for_whom() -> None:
    assert holdout.openings_in_words([]) == "the test split was never opened"
    once = holdout.openings_in_words([opening("baseline")])
    assert once == "the test split was opened once, for baseline, seed 1; last on 2026-11-22T12:00:00+00:00"
    more = holdout.openings_in_words([opening("baseline"), opening("baseline"), opening("depth=2", time="then")])
    assert more == "the test split was opened 3 times, for baseline, seed 1; depth=2, seed 1; last on then"
