"""The figures of a report."""

from analysis.drawing.source import Source
from study.report import pictures
from study.report.pictures import figure_section
from tests.conftest import ROOT


def test_a_study_that_no_figure_suits_says_so(monkeypatch: "object") -> None:
    monkeypatch.setattr(pictures, "_pictures", lambda source: iter(()))  # type: ignore[attr-defined]
    made = figure_section(Source(str(ROOT / "analysis" / "results" / "qr_quick.csv"), ROOT))
    assert made.sentences == ["No figure suits this study."]
