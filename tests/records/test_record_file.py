"""The file of records: written records are read again, and a line that is no record gives an error."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.errors import StoreError
from study.records import record_file
from study.records.record_file import Header, Record, RecordError
from study.space.trial import TrialConfig, TrialResult
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Outcome, diverge, fail, space, succeed

WIDE = space(DEPTH, POOLING)


def file(path: Path, configs: list[TrialConfig], outcome: Outcome = succeed, *, threads: int = 2) -> Path:
    record_file.write(path, Header(WIDE, threads), [Record(config, outcome(config)) for config in configs])
    return path


@pytest.mark.parametrize("outcome", [succeed, fail, diverge])
def test_what_is_written_is_read_again(tmp_path: Path, outcome: Outcome) -> None:
    configs = [WIDE.config({"depth": 5, "pooling": "flat"}, seed=1), WIDE.config({}, seed=0)]
    header, lines = record_file.read(file(tmp_path / "a.jsonl", configs, outcome))
    assert header == Header(WIDE, 2)
    found = dict(lines)
    assert list(found) == [2, 3]
    for config, record in zip(configs, found.values(), strict=True):
        assert isinstance(record, Record)
        assert (record.config.key, record.config.reference) == (config.key, "tests.toy_task:task")
        assert repr(record.result) == repr(outcome(config))  # Also if a curve ends in NaN.


def test_the_same_is_written_alike(tmp_path: Path) -> None:
    a = file(tmp_path / "a.jsonl", [WIDE.config({"depth": 1}, seed=0)])
    header, lines = record_file.read(a)
    record_file.write(tmp_path / "b.jsonl", header, [record for _, record in lines if isinstance(record, Record)])
    assert a.read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def change(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda line: line | changes


def in_result(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda line: line | {"result": line["result"] | changes}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (change(key="0" * 64), "has the key 000000000000…, but its point, seed and fidelity make"),
        (change(seed=1), "has the key"),
        (change(point={"depth": 5}), "has the key"),
        (change(point={"death": 5}), "no such level: death = 5"),
        (change(point={"depth": [5]}), "no such level"),
        (change(point={"train_examples": 0}), "TaskError"),
        (change(seed=float("inf")), "OverflowError"),
        (change(phase="late"), "phase 'late'"),
        (change(state="failed"), "state 'failed'"),
        (in_result(state="splendid"), "no such end of a trial"),
        (in_result(speed=1), "speed"),
        (in_result(data=3), "data must be a table, not 3"),
        (change(curve=[{"val_acc": "high"}]), "metrics must be numbers, not 'high'"),
        (change(curve=[3]), "TypeError"),
        (in_result(timing={"train": "long"}), "timing and metrics must be numbers, not 'long'"),
        (in_result(reason=5), "TypeError"),
        (lambda line: {k: v for k, v in line.items() if k != "seed"}, "KeyError: 'seed'"),
        (lambda line: [line], "TypeError"),
    ],
)
def test_a_line_that_is_no_record_says_why(spoil: Callable[[Any], Any], words: str) -> None:
    line = Record(config := WIDE.config({}, seed=0), succeed(config)).line(WIDE)
    with pytest.raises(RecordError) as refused:
        Record.parse(json.dumps(spoil(json.loads(line))) + "\n", WIDE)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_line_that_was_cut_off_is_none_however_whole_it_looks() -> None:
    line = Record(config := WIDE.config({}, seed=0), succeed(config)).line(WIDE)
    for end in (10, len(line) // 2, len(line) - 1):
        with pytest.raises(RecordError, match="was cut off while it was written; it ends in '"):
            Record.parse(line[:end], WIDE)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("", "is no file of records (begins with '')"),
        ("key,point\n", r"is no file of records (begins with 'key,point\n')"),
        ('{"format":"else"}\n', "is no file of records"),
        ('{"format":"keras-study records","version":9}\n', "is of version 9"),
        ('{"format":"keras-study records","version":1}\n', "its first line is damaged"),
        (Header(WIDE, 1).line().replace('"threads":1', '"threads":0'), "threads must be at least 1"),
        (Header(WIDE, 1).line().replace('"levels":[1,3,5]', '"levels":[]'), "needs at least two levels"),
        (Header(replace(WIDE, name="../up"), 1).line(), "the study's name must be"),
    ],
)
def test_a_file_that_is_none_of_records_is_refused_and_named(tmp_path: Path, first: str, words: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(first)
    with pytest.raises(StoreError) as refused:
        record_file.read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert words in str(refused.value)


def test_a_place_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere\.jsonl: cannot be read"):
        record_file.read(tmp_path / "nowhere.jsonl")
    with pytest.raises(StoreError, match=r"a\.jsonl: cannot be written"):
        record_file.write(tmp_path / "nowhere" / "a.jsonl", Header(WIDE, 1), [])


def test_a_search_keeps_how_its_points_were_drawn() -> None:
    record = Record(config := WIDE.config({}, seed=0), TrialResult("complete", ({"val_acc": 1},)), "search", "draw 2")
    assert Record.parse(record.line(WIDE), WIDE).origin == "draw 2"
    assert config.key == Record.parse(record.line(WIDE), WIDE).config.key
