"""Prints what commands show: JSON, tables and lines of text."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from study.cli.tables import printable_table
from study.terminal import console, wrapped
from study.text_table import Column


def print_json(value: object) -> None:
    """Print one JSON object and nothing else."""
    print(json.dumps(value))


def print_lines(*lines: str) -> None:
    """Print lines of text. A terminal breaks them at blanks."""
    width = console().width
    print(*(wrapped(line, width) for line in lines), sep="\n", end="\n" if lines else "")


def print_warning(text: str) -> None:
    """Print a text to standard error."""
    print(text, file=sys.stderr)


def print_table(table: RenderableType) -> None:
    """Print a table without colours for numbers. What does not fit the terminal is not cut off."""
    console().print(table, highlight=False, soft_wrap=True)


def print_rows(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print a table of texts, in which None is an empty one."""
    print_table(printable_table(columns, rows))
