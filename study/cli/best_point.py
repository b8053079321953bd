"""The best point of a study and its model, as several commands need them."""

import argparse

from study.cli.named_study import named_ledger
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.tracking.model_registry import recorded_needs
from study.winner import choice
from study.winner.choice import Winner


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


def print_needs(ledger: Ledger) -> None:
    """Print why MLflow cannot load the logged model, if it cannot."""
    if needs := recorded_needs(ledger):
        print(f"it opens only with the task's code: {needs}")
