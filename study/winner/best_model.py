"""Keeps the best point's weights and logs its model, once all cells of a study are there."""

from pathlib import Path

from study.errors import StoreError, StudyError
from study.ledger.ledger import Ledger
from study.running.replay import Attended
from study.winner import choice
from study.winner.choice import Winner
from study.winner.registration import register_model
from study.winner.weights import Print, check_measured, keep_weights


def log_best_model(
    ledger: Ledger, store: Path, *, say: Print, warn: Print, attended: Attended | None = None
) -> str | None:
    """Keep the best point's weights and log its model. Returns the model's address in MLflow.

    If that fails, `warn` gets the error, so that the caller goes on. The result is then None, or an empty text if not
    the model but MLflow or the disk is the reason. Raises StoppedError if its cell must run again and is stopped.
    """
    try:
        best = choice.choose(ledger)
        keep_weights(ledger, best, say=say, attended=attended)
        check_measured(ledger, best.cell)
        return _registered(ledger, best, store, say=say, warn=warn)
    except StudyError as error:
        warn(f"the model of the best point is not logged: {error}")
        warn(f"Every result is kept. When this is mended, `study best {ledger.space.name}` logs it.")
        return None


def _registered(ledger: Ledger, best: Winner, store: Path, *, say: Print, warn: Print) -> str:
    try:
        return register_model(ledger, best, store, say=say)
    except StoreError as error:
        warn(f"{error}\nNothing is lost: `study best {ledger.space.name}` logs the model.")
        return ""
