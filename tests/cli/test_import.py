"""`study import`."""

from pathlib import Path

import pytest

from study import cli
from study.ledger.ledger import Ledger
from study.space.hints import MOST_SHOWN
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space


@pytest.fixture
def records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A file that `study export` wrote on another machine."""
    run(tmp_path / "there", space(POOLING))
    path = tmp_path / "played.jsonl"
    assert cli.main(["export", "played", "--out", str(path), "--store", str(tmp_path / "there")]) == 0
    assert capsys.readouterr().out == f"{path}: 6 trials\n"
    return path


def test_a_file_is_imported_once(records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["import", str(records), "--store", str(tmp_path / "here")]
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == "study played: 6 imported, 0 already there, 0 refused\n"
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == "study played: 0 imported, 6 already there, 0 refused\n"
    assert Ledger.read(tmp_path / "here", "played").counts()["complete"] == 6


def test_each_refused_line_is_named_up_to_a_limit(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = records.read_text().splitlines()
    records.write_text("\n".join([head, *(line[: len(line) // 2] for line in lines)]) + "\n")
    assert cli.main(["import", str(records), "--store", str(tmp_path / "here")]) == 1
    captured = capsys.readouterr()
    errors = captured.err.splitlines()
    assert captured.out.endswith("0 imported, 0 already there, 6 refused\n")
    assert errors[0].startswith(f"{records}, line 2: ")
    assert len(errors) == min(6, MOST_SHOWN) + (MOST_SHOWN < 6)


def test_cells_beyond_the_definition_here_are_counted(
    records: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "here", space(DEPTH))
    assert cli.main(["import", str(records), "--store", str(tmp_path / "here")]) == 0
    out = capsys.readouterr().out
    assert "study played: 4 imported, 2 already there, 0 refused" in out
    assert "4 of them are not in the study as defined here" in out
