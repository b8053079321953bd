"""`study run --records`, with an engine of this process."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.cli.commands import parser
from study.cli.run_into_records import run_into_records
from study.records import record_file
from study.records.record_file import Record
from study.running import session
from tests.trial_functions import Inline, Outcome, curve, fail, space, succeed


def run_into(path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, *options: str) -> int:
    monkeypatch.setattr(session, "_engine", lambda ledger, options: Inline(outcome))
    arguments = parser().parse_args(["run", "a.toml", "--records", str(path), *options])
    return run_into_records(space(max_retries=0), arguments)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "played.jsonl"


def test_every_cell_is_in_the_file_and_the_next_command_is_shown(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_into(path, monkeypatch, succeed) == 0
    assert f"{path}: 6 of 6 cells of study 'played' are there\nnext: study import {path}" in capsys.readouterr().out
    header, records = record_file.read(path)
    assert header.space.name == "played"
    assert [record.result.state for _, record in records if isinstance(record, Record)] == ["complete"] * 6


def test_failed_cells_are_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_into(path, monkeypatch, lambda config: replace(fail(config), curve=curve(config)[:1])) == 1
    assert (
        "0 of 6 cells of study 'played' are there\nall 6 failed for good: the file says why" in capsys.readouterr().out
    )


def test_a_run_that_is_stopped_keeps_what_it_has(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_into(path, monkeypatch, succeed, "--max-hours", "1e-12") == 130
    assert "stopped: 0 of 6 cells are there and nothing is lost" in capsys.readouterr().out
