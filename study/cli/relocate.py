"""`study relocate`: correct MLflow's paths after the store was moved."""

import argparse

from study.cli.exit_status import DONE
from study.tracking.relocate import relocate


def execute(arguments: argparse.Namespace) -> int:
    """Correct the paths to figures and models after the store was moved."""
    changes = relocate(arguments.store)
    for old, numbers in changes.items():
        columns = ", ".join(f"{name}: {number}" for name, number in numbers.items())
        print(f"{old} -> {arguments.store.absolute()} ({columns})")
    if not changes:
        print(f"{arguments.store}: nothing to mend, because every path is already right")
    return DONE
