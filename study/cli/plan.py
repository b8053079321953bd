"""`study plan`: what a study will cost, and which effects it can find."""

import argparse
import sys
from dataclasses import replace

from study.cli.exit_status import DONE
from study.cli.output import print_json, print_lines, print_rows, print_warning
from study.running.model_probes import ProblemsError
from study.running.planned_study import COLUMNS, plan_study
from study.space.toml_file import read
from study.text_table import Column

_KINDS = (Column("", "name"), Column("", rank=2), Column("", rank=1), Column(""))


def execute(arguments: argparse.Namespace) -> int:
    """Check a file, build its models, and estimate what the study will cost."""
    threads = arguments.threads or 1
    space = read(arguments.file)
    try:
        planned = plan_study(space, arguments.store, threads=threads, workers=arguments.workers, say=print_warning)
    except ProblemsError as error:
        if arguments.verbose:
            print(*error.tracebacks, sep="\n", file=sys.stderr)
        raise
    if arguments.json:
        print_json(planned.to_json())
    else:
        columns = [replace(kind, title=title) for kind, title in zip(_KINDS, COLUMNS, strict=True)]
        print_rows(columns, planned.rows())
        print_lines(*planned.lines())
    return DONE
