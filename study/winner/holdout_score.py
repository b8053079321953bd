"""Scores the winner's model on the test split, and records that the split was opened."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from study.ledger import holdout
from study.ledger.holdout import Opening
from study.ledger.ledger import Ledger
from study.running.replay import Attended
from study.training.worker_functions import SCORE
from study.winner.choice import Winner
from study.winner.weights import Print, run_on_model


def open_test_split(ledger: Ledger, winner: Winner, *, say: Print, attended: Attended | None = None) -> Opening:
    """Score the winner's model on the test split. Returns the scores as they were recorded.

    The caller must own the study.
    """
    with tempfile.TemporaryDirectory() as name:
        result = run_on_model(ledger, winner.cell, SCORE, folder=Path(name), say=say, attended=attended)
    opening = Opening(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        point=winner.cell.point,
        seed=winner.cell.config.seed,
        key=winner.cell.config.key,
        examples=result.data["counts"]["test"],
        scores=result.metrics,
    )
    holdout.record_opening(ledger.folder, opening)
    return opening
