"""Runs a study in the store, then prints its results and the next commands."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from study.cli.best_point import print_needs
from study.cli.cell_counts import count_cells
from study.cli.exit_status import DONE, SOME_FAILED, STOPPED
from study.cli.output import print_lines, print_rows, print_warning
from study.cli.run_options import report_stop, session_options
from study.errors import StoppedError
from study.launch import Launch, launched, log_model, log_report
from study.ledger import holdout
from study.space.search_space import SearchSpace
from study.terminal import console
from study.text_table import Column


def run_in_store(space: SearchSpace, arguments: argparse.Namespace, *, retry_failed: bool = False) -> int:
    """Run the missing cells of a study, and log them to MLflow. Returns the exit status."""
    options, how = session_options(arguments), {"accept": arguments.accept, "retry_failed": retry_failed}
    with launched(space, arguments.store, options, console(), file=_file(arguments), **how) as launch:
        if launch.problem:
            print_warning(f"{launch.problem}\nNothing is lost: it is logged at the next `study run`.")
        return _report(launch, arguments.store)


def _file(arguments: argparse.Namespace) -> Path | None:
    """Returns the study's file, which `study run` needs and `study retry` may be given in place of the name."""
    given = Path(arguments.file if "file" in arguments else arguments.name)
    return given if given.suffix == ".toml" else None


def _report(launch: Launch, store: Path) -> int:
    """Print how the session ended and the next commands. The best model is logged if the best point is final."""
    ledger, session = launch.ledger, launch.session
    name, counts = ledger.space.name, count_cells(ledger)
    if session.stopped:
        return report_stop(session, counts)
    if session.before["missing"]:
        # Here, because statistics take half a second to load, and a finished study must answer within a second.
        from study.cli.results_table import print_results

        print_results(ledger)
        if openings := holdout.read_openings(ledger.folder):
            print_lines(holdout.openings_in_words(openings))
    else:
        print(f"nothing to run: all {sum(counts.values())} cells of study {name!r} {_state_of_all(counts)}")
    _print_failures(name, counts)
    try:
        logged = not launch.may_log_model or _log_best_model(launch, store)
    except StoppedError as stopped:
        print_lines(str(stopped))
        return STOPPED
    log_report(launch, store, say=print, warn=print_warning)
    if counts["complete"]:
        _print_next_commands(name)
    return DONE if logged and not counts["failed"] else SOME_FAILED


def _log_best_model(launch: Launch, store: Path) -> bool:
    """Log the best point's model, and print its address. Returns False if the model itself cannot be logged."""
    address = log_model(launch, store, console(), say=print, warn=print_warning)
    if address:
        print(f"the best point's model is {address}")
        print_needs(launch.ledger)
    return address is not None


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
    rows = [
        ("next:", f"study effects {name}", "shows what each change does, with verdicts"),
        ("", f"study plot {name}", "draws every figure that suits the study"),
        ("", f"study report {name}", "writes all of it on one page"),
        ("", f"study best {name}", "shows the best point, and loads its model"),
        ("", "study ui", "browses every curve"),
    ]
    print_rows((Column("", "text"), Column("", "text"), Column("", "name")), rows)
