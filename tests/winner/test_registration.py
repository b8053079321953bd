"""The winner's model is registered in MLflow once."""

from pathlib import Path

import pytest

from study.engines.cell_folder import WEIGHTS
from study.ledger.ledger import Ledger
from study.tracking import model_registry
from study.winner.choice import choose
from study.winner.registration import register_model
from tests.winner.finished_study import kept_weights


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
