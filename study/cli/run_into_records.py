"""Runs a study into a file of records. Nothing here needs Optuna, MLflow or pandas."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from study.cli.cell_counts import count_cells
from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.run_options import report_stop, session_options
from study.records.record_ledger import RecordLedger
from study.running.loop import NoTracker
from study.running.session import run_session
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.terminal import console


def run_into_records(space: SearchSpace, arguments: argparse.Namespace) -> int:
    """Run the cells that are missing in the file. Returns the exit status."""
    options = session_options(arguments)
    how = {"threads": arguments.threads, "code": code_of(space), "accept": arguments.accept}
    with RecordLedger.own(arguments.records, space, **how) as ledger:
        session = run_session(ledger, NoTracker(), options, console())
        counts = count_cells(ledger)
    if session.stopped:
        return report_stop(session, counts)
    return _report(space, arguments.records, counts)


def _report(space: SearchSpace, path: Path, counts: Mapping[str, int]) -> int:
    total, failed = sum(counts.values()), counts["failed"]
    print(f"{path}: {total - failed} of {total} cells of study {space.name!r} are there")
    if failed:
        print(f"{f'all {total}' if failed == total else failed} failed for good: the file says why")
    print(f"next: study import {path}   where the study is kept")
    return SOME_FAILED if failed else DONE
