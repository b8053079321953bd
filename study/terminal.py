"""Text for a terminal: durations, large numbers and plain tables."""

import math
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def console() -> Console:
    """Returns the console that writes to standard output."""
    # A pipe or a file has no width, and a wrapped line is hard to search.
    return Console() if sys.stdout.isatty() else Console(width=240)


def duration(seconds: float) -> str:
    """Returns seconds in a readable unit: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == 0 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def large_number(number: float | None) -> str:
    """Returns a number with a unit, such as `5.2 G`, or an empty text if there is no number."""
    if number is None or not math.isfinite(number):
        return ""
    for size, unit in _UNITS:
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:g}"


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, text_columns: int = 1) -> Table:
    """Returns a table without lines; the first `text_columns` columns hold texts, the others numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, name in enumerate(columns):
        if column < text_columns:
            table.add_column(name, justify="left", overflow="fold")
        else:
            table.add_column(name, justify="right", overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table
