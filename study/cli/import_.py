"""The commands for what was somewhere else: results of another machine, a store that was moved."""

import argparse
import sys

from study.cli.lookup import DONE, SOME_FAILED


def import_(arguments: argparse.Namespace) -> int:
    """Bring in cells that ran on another machine; 1 where any line is refused."""
    from study.records.import_records import import_records
    from study.space.hints import MOST_SHOWN

    done = import_records(arguments.records, arguments.store)
    for number, problem in done.refused[:MOST_SHOWN]:
        print(f"{arguments.records}, line {number}: {problem}", file=sys.stderr)
    if (more := len(done.refused) - MOST_SHOWN) > 0:
        print(f"and {more} more lines", file=sys.stderr)
    print(f"study {done.study}: {done.imported} imported, {done.there} already there, {len(done.refused)} refused")
    if done.beyond:
        print(f"{done.beyond} of them are beyond the study's definition here: a file with their levels shows them")
    return SOME_FAILED if done.refused else DONE


def relocate(arguments: argparse.Namespace) -> int:
    """Mend the paths to figures and models after the store was moved."""
    from study.tracking.relocate import relocate as mend

    moves = mend(arguments.store)
    for old, numbers in moves.items():
        what = ", ".join(f"{name}: {number}" for name, number in numbers.items())
        print(f"{old} -> {arguments.store.absolute()} ({what})")
    if not moves:
        print(f"{arguments.store}: nothing to mend, every path is the store's own")
    return DONE
