"""The results of a study in short."""

from pathlib import Path

import pytest

from study.cli.results_table import print_results
from study.ledger.ledger import Ledger
from tests.ledger.launches import run
from tests.trial_functions import fail, space


def test_the_answer_comes_first_then_the_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, space())
    print_results(Ledger.read(tmp_path, "played"))
    answer, empty, titles, *rows = capsys.readouterr().out.splitlines()
    assert "Against the baseline, " in answer
    assert empty == ""
    assert titles.startswith("point ")
    assert [row.split("  ")[0] for row in rows[:3]] == ["depth=1", "baseline (depth=3)", "depth=5"]
    assert any(line.startswith("means over seeds") for line in rows)


def test_a_study_without_a_complete_cell_has_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, space(max_retries=0), fail)
    print_results(Ledger.read(tmp_path, "played"))
    assert capsys.readouterr().out == ""
