"""Text for a terminal: its width and its colours, durations, and numbers with the digits that they need."""

import math
import os
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from rich.console import Console

_SIGNIFICANT = 3
"""The digits of a number that has no interval, if the usual decimals would show none of it."""
_LARGEST = 1000
"""From here on a number without an interval is shown with its significant digits only."""
_MOST_DECIMALS = 5
_MOST_DIGITS = 6
"""A number with more decimals, or with more digits before its decimals, is shown with a power of ten."""
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


_NARROWEST = 20
"""Lines of a narrower terminal hold too few words. It breaks them itself."""
_NO_END = 100_000
"""The width of a pipe or a file: it has none, and a line that is broken is hard to search."""


def console() -> Console:
    """Returns the console that writes to standard output."""
    if not sys.stdout.isatty():
        # A notebook gets plain lines, too. FORCE_COLOR is for programs that hold no table of numbers.
        return Console(width=_NO_END, force_terminal=False, force_jupyter=False)
    # With NO_COLOR rich would still write in bold and dim.
    return Console(color_system=None) if os.environ.get("NO_COLOR") else Console()


def wrapped(text: str, width: int) -> str:
    """Returns a text whose lines are broken at blanks if they are longer than `width`. An address stays whole."""
    lines = text.splitlines() if width >= _NARROWEST else []
    return "\n".join(_wrapped(line, width) if len(line) > width else line for line in lines) or text


def _wrapped(line: str, width: int) -> str:
    blanks = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line, width, subsequent_indent=blanks, break_long_words=False, break_on_hyphens=False)


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
        return "" if math.isnan(low) else f"{self.show(low, signed=signed)} to {self.show(high, signed=signed)}"


def number(value: float, *, decimals: int = 3) -> str:
    """Returns a number on its own with its decimals, or with a power of ten if these would show none of it."""
    return Digits.of([value], decimals=decimals).show(value)


def _sizes(values: Iterable[float]) -> Iterable[float]:
    return (abs(value) for value in values if value and math.isfinite(value))


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)))
