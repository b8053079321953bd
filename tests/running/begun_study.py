"""A study of which some cells have begun: what they have saved is written here as a worker writes it."""

from pathlib import Path

from study.engines.cell_folder import CHECKPOINT
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.training import checkpoint
from study.training.checkpoint import Saved
from tests.trial_functions import curve


def save(ledger: Ledger, trial: Trial, *, epochs: int) -> Path:
    """Save a trial after so many epochs, as its worker does."""
    path = ledger.cell_folder(trial.config) / CHECKPOINT
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = Saved((), {"curve": [dict(metrics) for metrics in curve(trial.config)[:epochs]]})
    checkpoint.write(path, saved, key=f"{trial.config.key}code")
    return path


def begun(ledger: Ledger, *, epochs: int) -> Trial:
    """Start the next trial, and save it after so many epochs; none at 0."""
    trial = ledger.next()
    assert trial is not None
    if epochs:
        save(ledger, trial, epochs=epochs)
    return trial
