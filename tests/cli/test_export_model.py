"""`study export-model`."""

from pathlib import Path

import pytest

from study import cli
from study.cli import export_model
from study.ledger.ledger import Ledger
from study.winner.choice import Winner
from tests.winner.finished_study import finished


def test_each_written_file_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def export(ledger: Ledger, best: Winner, folder: Path, **options: object) -> list[Path]:
        return [folder / best.cell.point, folder / "README.md"]

    finished(tmp_path)
    monkeypatch.setattr(export_model, "export", export)  # The real one needs a trained model: tests/winner.
    assert cli.main(["export-model", "played", "--out", "out", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == ["out/depth=5", "out/README.md"]


def test_a_folder_that_is_there_already_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finished(tmp_path)
    assert cli.main(["export-model", "played", "--out", str(tmp_path), "--store", str(tmp_path)]) == 2
    assert "exists already; give a folder that is new or empty" in capsys.readouterr().err
