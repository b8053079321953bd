"""Saliency maps of a cell's model: made by a worker, and never after a training that could not help."""

from pathlib import Path

import numpy as np
import pytest

from study.data.nest_file import write_nest
from study.errors import StudyError
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.trial import TrialResult
from study.training.saliency_maps import MAPS, SaliencyMaps
from study.training.worker_functions import FIND_IMAGE, MAP_SALIENCY
from study.winner import saliency as module
from study.winner.choice import choose
from study.winner.saliency import saliency
from tests.winner.finished_study import finished

MADE = SaliencyMaps(np.ones((2, 3, 3), np.float32), 7, True)


def pretend(monkeypatch: pytest.MonkeyPatch, *, image: bool, weights: bool) -> list[str]:
    """Put workers aside. Returns the functions that they would run."""
    ran: list[str] = []

    def alone(ledger: Ledger, cell: Cell, function: str, *, folder: Path) -> TrialResult:
        ran.append(function)
        return (
            TrialResult("complete") if image else TrialResult("failed", reason="DataError: its inputs hold no images")
        )

    def on_model(ledger: Ledger, cell: Cell, function: str, *, folder: Path, say: object) -> None:
        ran.append(function)
        write_nest(folder / MAPS, MADE.to_nest())

    monkeypatch.setattr(module, "alone", alone)
    monkeypatch.setattr(module, "run_on_model", on_model)
    monkeypatch.setattr(module, "has_weights", lambda ledger, cell: weights)
    return ran


@pytest.mark.parametrize(("weights", "expected"), [(True, [MAP_SALIENCY]), (False, [FIND_IMAGE, MAP_SALIENCY])])
def test_a_worker_makes_the_maps(
    weights: bool, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = pretend(monkeypatch, image=True, weights=weights)
    ledger = finished(tmp_path)
    made = saliency(ledger, choose(ledger).cell, say=pytest.fail)
    assert (made.maps.tolist(), made.examples, made.probabilities) == (MADE.maps.tolist(), 7, True)
    assert ran == expected


def test_without_an_image_nothing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = pretend(monkeypatch, image=False, weights=False)
    ledger = finished(tmp_path)
    with pytest.raises(StudyError, match="depth=5, seed 0: DataError: its inputs hold no images"):
        saliency(ledger, choose(ledger).cell, say=pytest.fail)
    assert ran == [FIND_IMAGE]
