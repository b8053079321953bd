"""`study retry`: run the failed cells of a study again."""

import argparse

from study.cli.exit_status import DONE
from study.cli.named_study import named_study
from study.cli.run_in_store import run_in_store


def execute(arguments: argparse.Namespace) -> int:
    """Run the failed cells of a study again."""
    ledger, space = named_study(arguments)
    if ledger is None or not ledger.counts()["failed"]:
        print(f"no cell of study {space.name!r} failed for good")
        return DONE
    return run_in_store(space, arguments, retry_failed=True)
