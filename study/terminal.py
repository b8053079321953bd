"""Text for a terminal: durations, numbers with the digits that they need, and plain tables."""

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table
from rich.text import Text

_SIGNIFICANT = 3
"""The digits of a number that has no interval, if the usual decimals would show none of it."""
_LARGEST = 1000
"""From here on a number without an interval is shown with its significant digits only."""
_MOST_DECIMALS = 5
_MOST_DIGITS = 6
"""A number with more decimals, or with more digits before its decimals, is shown with a power of ten."""
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def console() -> Console:
    """Returns the console that writes to standard output."""
    # A pipe or a file has no width, and a wrapped line is hard to search. A notebook gets plain lines too.
    return Console() if sys.stdout.isatty() else Console(width=240, force_jupyter=False)


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


@dataclass(frozen=True)
class Digits:
    """How numbers of one unit are shown, so that they compare: down to the same digit."""

    last: int
    """The last digit stands for 10 to this power."""
    powers: bool
    """Whether the numbers are shown with a power of ten."""

    @classmethod
    def of(cls, values: Iterable[float], *, halves: Iterable[float] = (), decimals: int = 3) -> "Digits":
        """Returns how to show these values. `halves` are half the widths of their intervals.

        The usual number of decimals is kept if it shows what the intervals carry. Else the first two digits of the
        intervals are shown, or three if a power of ten is needed.
        """
        largest, widths = max(_sizes(values), default=0.0), list(_sizes(halves))
        width = median(widths) if widths else largest
        last = -decimals
        if width and (2 * width < 10**last or largest >= _LARGEST):
            last = _exponent(width) - (1 if widths else _SIGNIFICANT - 1)
        powers = -last > _MOST_DECIMALS or largest >= 10**_MOST_DIGITS
        return cls(last - 1 if powers and widths else last, powers)

    def show(self, value: float, *, signed: bool = False) -> str:
        """Returns the number as a text with a minus sign; empty if it is not a number."""
        if math.isnan(value):
            return ""
        powers = self.powers and value != 0 and math.isfinite(value)
        decimals = max(0, _exponent(value) - self.last) if powers else max(0, -self.last)
        shown = 0 if self.powers and value == 0 else decimals
        return f"{value:{'+' if signed else ''}.{shown}{'e' if powers else 'f'}}".replace("-", "−")

    def interval(self, low: float, high: float, *, signed: bool = False) -> str:
        """Returns the ends of an interval; empty if there is none."""
        return "" if math.isnan(low) else f"{self.show(low, signed=signed)} … {self.show(high, signed=signed)}"


def number(value: float, *, decimals: int = 3) -> str:
    """Returns a number on its own with its decimals, or with a power of ten if these would show none of it."""
    return Digits.of([value], decimals=decimals).show(value)


def _sizes(values: Iterable[float]) -> Iterable[float]:
    return (abs(value) for value in values if value and math.isfinite(value))


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)))


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
