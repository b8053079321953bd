"""`study watch`: the progress of a study that another process runs."""

import argparse

from study.cli.exit_status import DONE
from study.cli.named_study import named_ledger
from study.cli.output import print_lines
from study.running.watch import watch
from study.terminal import console


def execute(arguments: argparse.Namespace) -> int:
    """Follow a running study until it is complete or its launcher ends."""
    ledger = named_ledger(arguments)
    name, complete = ledger.space.name, watch(ledger, console())
    counts = ledger.counts(alive=False)
    there = f"{counts.total() - counts['missing']} of {counts.total()} cells are there"
    end = (
        f"`study status {name}` shows the results"
        if complete
        else "nobody runs it now; `study run` with its file goes on"
    )
    print_lines(f"study {name}: {there}; {end}")
    return DONE
