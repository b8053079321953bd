"""The whole report: its parts, and that its numbers are those of the tables."""

from pathlib import Path

import pytest

from analysis.drawing.source import Source
from study.inference.answer import answer
from study.report import study_report
from study.report.page import html_page, markdown_page
from study.report.parts import Section
from study.report.study_report import make_report
from tests.analysis.synthetic_tables import csv, grid, sweep, table
from tests.conftest import ROOT

TITLES = [
    "Verdicts",
    "Figures",
    "What was fixed",
    "What was left out",
    "What it cost",
    "Threats to validity",
    "Versions",
    "How to redo it",
    "Every cell",
]


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_report, "figure_section", lambda source: Section(title="Figures"))


def test_a_report_has_every_part() -> None:
    source = Source(str(ROOT / "analysis" / "results" / "qr_quick.csv"), ROOT)
    report = make_report(source)
    assert [section.title for section in report.sections] == TITLES
    assert report.answer == answer(source.table)
    assert dict(report.facts) == {
        "cells": "18 complete",
        "points × seeds": "6 × 3",
        "a trial": "6 epochs, 6,000 training examples, 2,000 validation examples",
        "training time": "7 min",
    }
    page = html_page(report)
    assert str(ROOT) not in page + markdown_page(report)


@pytest.mark.parametrize("make", [table, grid, sweep], ids=["ablation", "grid", "sweep"])
@pytest.mark.parametrize("old", [False, True], ids=["today", "older"])
def test_every_kind_of_study_has_a_report(make: "type[object]", old: bool, tmp_path: Path) -> None:
    cells = make()
    if old:  # An export of before these columns existed.
        cells = cells.filter(regex=r"^(?!task|baseline|backend|device|threads|parameters|flops|seconds)")  # type: ignore[attr-defined]
    report = make_report(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))  # type: ignore[arg-type]
    assert [section.title for section in report.sections] == TITLES
    assert report.answer in markdown_page(report)
    assert "nan" not in markdown_page(report).lower().replace("nuisance", "")


def test_studies_that_went_wrong_have_a_report(tmp_path: Path) -> None:
    states = {("baseline", seed): "failed" for seed in range(3)} | {("width=8", 0): "diverged"}
    report = make_report(Source(str(csv(table(states=states), tmp_path / "t.csv")), tmp_path))
    assert dict(report.facts)["points × seeds"] == "5 × 2 to 3"
    assert "There is" not in report.answer
