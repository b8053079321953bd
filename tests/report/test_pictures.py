"""The figures of a report: those that suit the study, and always the same bytes."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis import ablation, depth, heatmap
from analysis.drawing.source import Source
from study.report import pictures
from study.report.pictures import figure_section
from tests.conftest import ROOT

QUICK = Source(str(ROOT / "analysis" / "results" / "qr_quick.csv"), Path())


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SCRIPTS", (depth.SCRIPT, heatmap.SCRIPT))


def test_figures_that_suit_the_study_are_drawn_and_always_alike() -> None:
    (first,), (second,) = figure_section(QUICK).pictures, figure_section(QUICK).pictures
    assert first.name == "depth"  # No two factors were varied together, so there is no heatmap.
    assert first.light.startswith("<?xml")
    assert "<dc:date>" not in first.light
    assert first.dark != first.light
    assert first == second
    assert first.answer
    assert 'id="caption"' in first.whole()
    assert first.whole() == first.whole()
    assert not any(f'id="{words}"' in first.light + first.dark for words in ("title", "answer", "caption"))
    assert "http" not in first.light.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ).replace("https://matplotlib.org/", "")


def test_a_figure_that_needs_a_model_or_is_a_text_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = replace(ablation.SCRIPT, name="confusion"), replace(ablation.SCRIPT, suffix=".md")
    monkeypatch.setattr(pictures, "SCRIPTS", scripts)
    assert figure_section(QUICK).sentences == ["No figure suits this study."]


def test_the_figures_of_a_large_study_are_light_on_dark_pages_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_CELLS", 1)
    (only,) = figure_section(QUICK).pictures
    assert only.dark == only.light
    assert 'id="caption"' not in only.light
