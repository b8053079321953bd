"""`study report`: one page of a study, from the store or from an exported table."""

from pathlib import Path

import pytest

from study import cli
from study.report import study_report
from study.report.parts import Section
from tests.analysis.synthetic_tables import csv, table


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_report, "figure_section", lambda source: Section(title="Figures"))


def test_a_report_is_written_and_its_place_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = csv(table(), tmp_path / "quick.csv")
    assert cli.main(["report", str(exported), "--format", "md", "--out", str(tmp_path / "a.md")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'a.md'}\n"
    assert "| width=8 | 16 → 8 | looks better |" in (tmp_path / "a.md").read_text(encoding="utf-8")


def test_a_wrong_ending_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = csv(table(), tmp_path / "quick.csv")
    assert cli.main(["report", str(exported), "--out", "a.pdf"]) == 2
    assert capsys.readouterr().err == "--out must end in .html or .md, not 'a.pdf'\n"
