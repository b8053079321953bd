"""The winner's model is registered in MLflow once."""

from pathlib import Path

import pytest

from study.engines.cell_folder import PACKED, WEIGHTS
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.ledger.store import owned
from study.tracking import model_registry
from study.winner import registration
from study.winner.choice import choose
from study.winner.registration import register_model
from tests.tracking.logged_studies import runs
from tests.winner.finished_study import finished, kept_weights


def test_only_the_winner_s_weights_are_left_and_its_model_is_logged_once(smoke: tuple[Path, str]) -> None:
    ledger = Ledger.read(smoke[0], "smoke")
    best = choose(ledger)
    assert kept_weights(ledger) == [ledger.cell_folder(best.cell.config) / WEIGHTS]
    assert model_registry.recorded_address(ledger, best.cell, smoke[0]) == "models:/smoke/1"
    (ledger.folder / "model.json").unlink()
    assert register_model(ledger, best, smoke[0], say=pytest.fail) == "models:/smoke/1"
    other = next(cell for cell in ledger.cells() if cell.config.key != best.cell.config.key)
    assert model_registry.find_address(ledger, other, smoke[0]) is None
    assert model_registry.recorded_address(ledger, best.cell, smoke[0] / "elsewhere") is None


def test_imported_trials_are_logged_first_and_nothing_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, here = tmp_path / "store", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    ledger = finished(store)

    def pack(ledger: Ledger, cell: Cell, function: str, *, folder: Path, say: object) -> None:
        (folder / PACKED).mkdir()
        (folder / PACKED / "MLmodel").write_text("flavors: {}\n")

    monkeypatch.setattr(registration, "run_on_model", pack)
    with owned(ledger.folder):
        assert register_model(ledger, choose(ledger), store, say=pytest.fail) == "models:/played/1"
    assert len(runs(store)[1]) == len([*ledger.finished()])
    assert [*here.iterdir()] == []
    assert model_registry.recorded_address(ledger, choose(ledger).cell, store) == "models:/played/1"
