"""The results of a study in short."""

from pathlib import Path

import pytest

from study.cli.results_table import pareto_line, print_results
from study.ledger.ledger import Ledger
from study.space.design import Confirm, Design
from study.space.objective import Objective
from study.winner.choice import choose
from tests.ledger.launches import run
from tests.toy_task import DEPTH
from tests.trial_functions import fail, space
from tests.winner.finished_study import finished


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


def test_only_several_objectives_have_a_pareto_front(tmp_path: Path) -> None:
    assert pareto_line(finished(tmp_path / "one")) == ""
    both = (Objective("val_acc", "maximize"), Objective("parameters", "minimize"))
    how = Design("sweep", trials=8, confirm=Confirm(top=2, seeds=1))
    run(tmp_path / "two", space(DEPTH, design=how, seeds=(0,), objectives=both), most=4)
    ledger = Ledger.read(tmp_path / "two", "played")
    # All models are of one size, so the best point dominates every other one.
    assert pareto_line(ledger) == (f"Pareto front (maximize val_acc, minimize parameters): {choose(ledger).cell.point}")
