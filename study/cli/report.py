"""`study report`: a study's whole report in one file."""

import argparse

from analysis.drawing.source import Source
from study.cli.exit_status import DONE
from study.errors import StudyError
from study.report.report_file import log_report, write_report


def execute(arguments: argparse.Namespace) -> int:
    """Write the report of a study: its question, its answer, and everything that the answer rests on."""
    source = Source(arguments.name, arguments.store)
    if not arguments.log:
        print(write_report(source, format=arguments.format, out=arguments.out))
    elif arguments.format or arguments.out:
        raise StudyError("--log keeps the page in the study's folder and in MLflow: leave out --format and --out")
    else:
        print(log_report(source))
    return DONE
