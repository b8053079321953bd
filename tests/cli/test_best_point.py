"""The best point and its model, as several commands need them."""

import argparse
from pathlib import Path

import pytest

from study.cli.best_point import final_best_point, print_needs, require_final
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.tracking import model_registry
from tests.ledger.launches import run
from tests.trial_functions import space
from tests.winner.finished_study import finished


def test_a_finished_study_has_a_final_best_point(tmp_path: Path) -> None:
    finished(tmp_path)
    ledger, best = final_best_point(argparse.Namespace(store=tmp_path, name="played"))
    assert (ledger.space.name, best.cell.point) == ("played", "depth=5")


def test_missing_cells_leave_the_best_point_open(tmp_path: Path) -> None:
    run(tmp_path, space(), most=2)
    with pytest.raises(StudyError, match="study 'played' has no final winner: 4 cells are missing; `study run`"):
        require_final(Ledger.read(tmp_path, "played"))
    run(tmp_path, space())
    require_final(Ledger.read(tmp_path, "played"))


def test_what_a_logged_model_needs_stands_below_its_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = finished(tmp_path)
    print_needs(ledger)
    assert capsys.readouterr().out == ""
    (ledger.folder / "model.json").write_text('{"needs": "TypeError: no", "loader": "mlflow.keras"}')
    print_needs(ledger)
    assert capsys.readouterr().out == "it opens only with the task's code: TypeError: no\n"
    assert model_registry.recorded_loader(ledger) == "mlflow.keras"
