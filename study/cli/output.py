"""Prints what commands show: JSON and tables."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich.table import Table

from study.cli.tables import printable_table
from study.terminal import console


def print_json(value: object) -> None:
    """Print one JSON object and nothing else."""
    print(json.dumps(value))


def print_warning(text: str) -> None:
    """Print a text to standard error."""
    print(text, file=sys.stderr)


def print_table(table: Table) -> None:
    """Print a table without colours for numbers."""
    console().print(table, highlight=False)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, text_columns: int = 1) -> None:
    """Print a plain table whose first `text_columns` columns hold texts."""
    print_table(printable_table(columns, rows, text_columns=text_columns))
