"""The file of a report: where it lies, its format, and that the same study gives the same bytes."""

from pathlib import Path

import pytest

from analysis.drawing.source import Source
from study import cli
from study.errors import StudyError
from study.report import study_report
from study.report.parts import Section
from study.report.report_file import write_report
from tests.analysis.synthetic_tables import csv, table
from tests.ledger.test_tables import store_of
from tests.toy_task import DEPTH, NORM
from tests.trial_functions import space


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_report, "figure_section", lambda source: Section(title="Figures"))


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return csv(table(), tmp_path / "quick.csv")


def test_the_report_of_a_store_lies_in_the_study_s_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_of(tmp_path, space(DEPTH, NORM, description="Deep & <wide>?"))
    assert cli.main(["--store", str(tmp_path), "report", "played"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "studies" / "played" / "report.html"
    first = path.read_bytes()
    assert b"<h1>Deep &amp; &lt;wide&gt;?</h1>" in first
    assert cli.main(["--store", str(tmp_path), "report", "played"]) == 0
    assert path.read_bytes() == first


def test_the_report_of_a_table_lies_beside_it(exported: Path) -> None:
    source = Source(str(exported), exported.parent)
    assert write_report(source) == exported.with_name("quick-report.html")
    path = write_report(source, format="md")
    assert path == exported.with_name("quick-report.md")
    assert path.read_text().startswith("# synthetic: What does each change to the baseline do to val_acc?")


def test_the_ending_decides_the_format(exported: Path) -> None:
    source = Source(str(exported), exported.parent)
    assert write_report(source, out=exported.with_name("a.md")).read_text().startswith("# synthetic")
    assert write_report(source, out=exported.with_name("a.html")).read_text().startswith("<!doctype html>")
    for how in ({"out": exported.with_name("a.pdf")}, {"out": exported.with_name("a.html"), "format": "md"}):
        with pytest.raises(StudyError, match="--out must end in "):
            write_report(source, **how)
    with pytest.raises(StudyError, match=r"cannot be written: .*; choose another place with --out"):
        write_report(source, out=exported / "a.md")


def test_a_study_without_a_complete_cell_has_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = table([{}], states={("baseline", seed): "failed" for seed in range(3)})
    assert cli.main(["report", str(csv(cells, tmp_path / "t.csv"))]) == 2
    assert "no complete cell" in capsys.readouterr().err
