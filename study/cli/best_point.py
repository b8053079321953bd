"""The best point of a study and its model, as several commands need them."""

import argparse
import sys
from pathlib import Path

from study.cli.named_study import named_ledger
from study.errors import StoreError, StudyError
from study.inference.pareto import pareto
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.tracking.model_registry import recorded_needs
from study.winner import choice
from study.winner.choice import Winner
from study.winner.registration import register_model
from study.winner.weights import keep_weights


def final_best_point(arguments: argparse.Namespace) -> tuple[Ledger, Winner]:
    """Returns the study that NAME means and its best point. Raises StudyError while cells are missing."""
    ledger = named_ledger(arguments)
    best = choice.choose(ledger)
    require_final(ledger)
    return ledger, best


def require_final(ledger: Ledger) -> None:
    """Raise StudyError while cells are missing, because another point may still be better."""
    if missing := choice.unfinished(ledger):
        name = ledger.space.name
        raise StudyError(f"study {name!r} has no final winner: {missing} cells are missing; `study run` its file first")


def log_best_model(ledger: Ledger, store: Path) -> str | None:
    """Keep the best point's weights and log its model. Returns the model's address in MLflow.

    If that fails, the error is printed, so that the command goes on. The result is then None, or an empty text if not
    the model but MLflow or the disk is the reason.
    """
    try:
        best = choice.choose(ledger)
        keep_weights(ledger, best, say=print)
        return _registered(ledger, best, store)
    except StudyError as error:
        print(f"the model of the best point is not logged: {error}", file=sys.stderr)
        print(f"Every result is kept. When this is mended, `study best {ledger.space.name}` logs it.", file=sys.stderr)
        return None


def _registered(ledger: Ledger, best: Winner, store: Path) -> str:
    try:
        return register_model(ledger, best, store, say=print)
    except StoreError as error:
        print(f"{error}\nNothing is lost: `study best {ledger.space.name}` logs the model.", file=sys.stderr)
        return ""


def print_needs(ledger: Ledger) -> None:
    """Print why MLflow cannot load the logged model, if it cannot."""
    if needs := recorded_needs(ledger):
        print(f"it opens only with the task's code: {needs}")


def pareto_line(ledger: Ledger) -> str:
    """Returns a line with the points on the Pareto front, or an empty text if there is only one objective."""
    objectives = ledger.space.objectives
    if len(objectives) < 2:
        return ""
    return f"Pareto front ({', '.join(map(str, objectives))}): {'; '.join(pareto(table(ledger), objectives))}"
