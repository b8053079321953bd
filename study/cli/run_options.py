"""The options of a run, and the line after a stop, for runs in the store and into a file of records."""

import argparse
from collections.abc import Mapping

from study.cli.exit_status import STOPPED
from study.running.session import Options, Session


def session_options(arguments: argparse.Namespace) -> Options:
    """Returns the options that the command line gives."""
    return Options(
        workers=arguments.workers,
        threads=arguments.threads,
        engine=arguments.engine,
        address=arguments.address,
        gpus=arguments.gpus,
        hours=arguments.max_hours,
    )


def report_stop(session: Session, counts: Mapping[str, int]) -> int:
    """Print how many cells were run when the session was stopped. Returns the exit status."""
    print(session.stop_line(counts, again="command"))
    return STOPPED
