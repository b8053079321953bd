"""`study replay`: does a second run of a cell give the same numbers, bit for bit?"""

import argparse
import sys

from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.named_study import named_cell
from study.errors import StudyError
from study.ledger.cell import Cell
from study.running.replay import Attended, Replay, replay
from study.space.trial import WITH_CURVE
from study.terminal import console
from study.training.worker_functions import TRAIN

_MOST_DIFFERENCES = 10


def execute(arguments: argparse.Namespace) -> int:
    """Run one cell again and compare every number with the record."""
    ledger, cell = named_cell(arguments)
    if cell.state not in WITH_CURVE or cell.trial is None:
        raise StudyError(f"{cell.point}, seed {cell.config.seed} is {cell.state}: there is nothing to compare with")
    again = replay(ledger, cell, function=TRAIN, attended=Attended(console()) if sys.stdout.isatty() else None)
    _print_changes(cell, again)
    if not again.differences:
        print(f"identical: {again.numbers} numbers of {again.epochs} epochs, bit for bit")
        return DONE
    _print_differences(again)
    return SOME_FAILED


def _print_changes(cell: Cell, again: Replay) -> None:
    for change in again.changes:
        print(f"changed since then: {change}")
    if again.result.state != cell.state:
        print(f"{cell.state} then, {again.result.state} now: {again.result.reason}")


def _print_differences(again: Replay) -> None:
    print(f"{len(again.differences)} of {again.numbers} numbers differ; the first of them:")
    for epoch, name, before, now in again.differences[:_MOST_DIFFERENCES]:
        when = f"epoch {epoch}" if epoch <= again.epochs else "kept weights"
        print(f"  {when}, {name}: {before} then, {now} now")
