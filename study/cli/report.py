"""`study report`: a study's whole report in one file."""

import argparse

from analysis.drawing.source import Source
from study.cli.exit_status import DONE
from study.report.report_file import write_report


def execute(arguments: argparse.Namespace) -> int:
    """Write the report of a study: its question, its answer, and everything that the answer rests on."""
    source = Source(arguments.name, arguments.store)
    print(write_report(source, format=arguments.format, out=arguments.out))
    return DONE
