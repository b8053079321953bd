"""Runs a study in the store, then prints its results and the next commands."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from study.cli.best_point import pareto_line, print_needs
from study.cli.cell_counts import count_cells
from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.output import print_table, print_warning
from study.cli.run_options import report_stop, session_options
from study.cli.tables import summary_table
from study.inference.effects import HOW, summary
from study.inference.findings import conditions
from study.launch import Launch, launched
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.search_space import SearchSpace
from study.space.user_modules import python_m
from study.terminal import console
from study.winner.best_model import log_best_model


def run_in_store(space: SearchSpace, arguments: argparse.Namespace, *, retry_failed: bool = False) -> int:
    """Run the missing cells of a study, and log them to MLflow. Returns the exit status."""
    how = {"accept": arguments.accept, "retry_failed": retry_failed}
    with launched(space, arguments.store, session_options(arguments), console(), **how) as launch:
        if launch.problem:
            print_warning(f"{launch.problem}\nNothing is lost: it is logged at the next `study run`.")
        return _report(launch, arguments.store)


def _report(launch: Launch, store: Path) -> int:
    """Print how the session ended and the next commands. The best model is logged if the best point is final."""
    ledger, session = launch.ledger, launch.session
    name, counts = ledger.space.name, count_cells(ledger)
    if session.stopped:
        return report_stop(counts)
    if session.before["missing"]:
        _print_summary(ledger)
    else:
        print(f"nothing to run: all {sum(counts.values())} cells of study {name!r} {_state_of_all(counts)}")
    _print_failures(name, counts)
    logged = not launch.may_log_model or _log_best_model(ledger, store)
    if counts["complete"]:
        _print_next_commands(name)
    return DONE if logged and not counts["failed"] else SOME_FAILED


def _log_best_model(ledger: Ledger, store: Path) -> bool:
    """Log the best point's model, and print its address. Returns False if the model itself cannot be logged."""
    address = log_best_model(ledger, store, say=print, warn=print_warning)
    if address:
        print(f"the best point's model is {address}")
        print_needs(ledger)
    return address is not None


def _print_summary(ledger: Ledger) -> None:
    cells = table(ledger)
    if (cells["state"] == "complete").any():
        print_table(summary_table(summary(cells), ledger.space.objective))
        print(f"means over seeds, their Student's t intervals; differences: {HOW[ledger.space.comparison]}, each alone")
        print(*conditions(cells), sep="\n")
        if front := pareto_line(ledger):
            print(front)
    if openings := holdout.read_openings(ledger.folder):
        print(holdout.openings_in_words(openings))


def _state_of_all(counts: Mapping[str, int]) -> str:
    return "failed for good" if counts["failed"] == sum(counts.values()) else "are there"


def _print_failures(name: str, counts: Mapping[str, int]) -> None:
    failed, total = counts["failed"], sum(counts.values())
    if failed:
        which = f"all {total}" if failed == total else f"{failed} of {total}"
        print(f"{which} cells failed for good: `study status {name}` says why,")
        print(f"`study retry {name}` runs them again")
    elif not counts["complete"]:
        print(f"no cell is complete: `study status {name}` says why")


def _print_next_commands(name: str) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row("next:", f"study effects {name}", "shows what each change does, and how sure that is")
    table.add_row("", f"{python_m('analysis')} {name}", "draws the figures")
    table.add_row("", f"study best {name}", "shows the best point, and loads its model")
    table.add_row("", "study ui", "browses every curve")
    print_table(table)
