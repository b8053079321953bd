"""`study check-task`: does each function of a task do what a study needs?"""

import argparse
import sys

from study.cli.exit_status import DONE, SOME_FAILED
from study.running.task_check import check_steps


def execute(arguments: argparse.Namespace) -> int:
    """Try each function of a task, and print a line for each thing that was tried."""
    failed = False
    for step in check_steps(arguments.task):
        failed |= bool(step.problem)
        print(f"{'FAILED' if step.problem else 'ok':<6}  {step.name}: {step.problem or step.note}", flush=True)
        if arguments.verbose and step.traceback:
            print(step.traceback, file=sys.stderr)
    return SOME_FAILED if failed else DONE
