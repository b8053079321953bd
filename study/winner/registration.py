"""Registers the winner's model in MLflow, once."""

import tempfile
from contextlib import closing
from pathlib import Path

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.tracking.model_registry import find_address, register
from study.tracking.tracker import MlflowTracker
from study.training.worker_functions import PACKAGE
from study.winner.choice import Winner
from study.winner.weights import Print, run_on_model


def register_model(ledger: Ledger, winner: Winner, store: Path, *, say: Print) -> str:
    """Log and register the winner's model in MLflow, unless this was done before. Returns the model's address.

    The caller must own the study. Raises StudyError if a worker or MLflow fails.
    """
    if address := find_address(ledger, winner.cell, store):
        return address
    _log_trials(ledger, store)
    with tempfile.TemporaryDirectory() as name:
        run_on_model(ledger, winner.cell, PACKAGE, folder=Path(name), say=say)
        return register(ledger, winner.cell, Path(name), store)


def _log_trials(ledger: Ledger, store: Path) -> None:
    """Log the trials that MLflow has not, such as imported ones, because the model belongs to the run of its trial."""
    with closing(MlflowTracker(ledger, store)) as tracker:
        pass
    if tracker.problem:
        raise StoreError(tracker.problem)
