"""`study import`: results of another machine. `import` is a keyword of Python, hence the underscore."""

import argparse
import sys

from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.output import print_warning
from study.records.import_records import import_records
from study.space.hints import MOST_SHOWN
from study.space.printable import printable
from study.space.untrusted_task import TRUSTED_IF


def execute(arguments: argparse.Namespace) -> int:
    """Add cells that ran on another machine."""
    done = import_records(arguments.records, arguments.store, accept=arguments.accept, trust=arguments.trust)
    for number, problem in done.refused[:MOST_SHOWN]:
        print(f"{arguments.records}, line {number}: {printable(problem)}", file=sys.stderr)
    if (more := len(done.refused) - MOST_SHOWN) > 0:
        print(f"and {more} more lines", file=sys.stderr)
    print(
        f"study {done.study}: {done.imported} imported, {done.already_there} already there, {len(done.refused)} refused"
    )
    if done.beyond:
        print(f"{done.beyond} of them are not in the study as defined here: a file with their levels shows them")
    if done.untrusted and done.imported:
        print_warning(f"its task is {printable(done.untrusted)}, whose code {TRUSTED_IF}")
    return SOME_FAILED if done.refused else DONE
