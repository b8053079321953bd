"""Turns digits into modules: each version 1 symbol is an exclusive or of a few symbols that the library makes.

At a given length, level of error correction and mask, each module is an exclusive or of bits of the payload, because
padding, error correction and masking are linear. So the library `qrcode` draws one symbol for each bit. Nothing else
needs to know the format.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
import qrcode

from study.task import Level
from study.tasks.qr_digits.version_1 import SIZE

Array = np.ndarray[Any, Any]
_GROUP = 3
"""The number of digits that numeric mode turns into bits together."""


@dataclass(frozen=True)
class Symbols:
    """All symbols of one length and one level of error correction.

    A symbol is 42 integers, first its rows and then its columns. Each integer has 21 bits. The highest bit is the first
    module, and a dark module is 1.
    """

    zeros: Array
    """The symbol of the number 0 under each mask: int32 (8, 42, 1)."""
    judged: Array
    """The same symbols as the library uses them to choose a mask: the modules of the format are light."""
    changes: tuple[Array, ...]
    """For each group of digits, the changes that each value makes to the symbol of 0: int32 (42, values)."""

    @classmethod
    def of(cls, digits: int, *, error_correction: str) -> Self:
        """Let the library draw the symbols from which all others are made.

        Raises DataOverflowError of the library if so many digits do not fit.
        """
        zeros, judged = (
            np.stack([_symbol("0" * digits, error_correction, mask, test=test) for mask in range(8)])
            for test in (False, True)
        )
        changes = (_changes(digits, start, error_correction) for start in range(0, digits, _GROUP))
        return cls(zeros, judged, tuple(changes))

    def make(self, numbers: Array, *, mask: Level) -> Array:
        """Make the symbols of numbers, which are uint8 (count, digits).

        Returns bool (count, 21, 21, 1), True where a module is light.
        """
        changed = self._changed(numbers)
        chosen = self._best(changed) if mask == "library" else np.full(len(numbers), int(mask))
        return _light(changed[:SIZE] ^ self.zeros[chosen, :SIZE, 0].T)

    def _changed(self, numbers: Array) -> Array:
        """Returns the changes that the numbers make to the symbol of 0, the same under any mask: int32 (42, count)."""
        changed = np.zeros((2 * SIZE, len(numbers)), np.int32)
        for number, changes in enumerate(self.changes):
            group = numbers[:, _GROUP * number : _GROUP * (number + 1)]
            changed ^= changes[:, group @ 10 ** np.arange(group.shape[1])[::-1]]
        return changed

    def _best(self, changed: Array) -> Array:
        """Returns the mask that the library chooses for each symbol: the first mask that loses the fewest points."""
        best: Array = np.argmin([lost_points(changed ^ zeros) for zeros in self.judged], axis=0)
        return best


def _symbol(text: str, error_correction: str, mask: int, *, test: bool = False) -> Array:
    """Let the library draw one symbol: int32 (42, 1)."""
    level = getattr(qrcode.constants, f"ERROR_CORRECT_{error_correction}")
    maker = qrcode.QRCode(version=1, error_correction=level)
    maker.add_data(text)
    maker.makeImpl(test, mask)
    return lines(np.array([maker.modules]))


def lines(dark: Array) -> Array:
    """Pack the rows and columns of symbols, which are bool (count, 21, 21), True where a module is dark.

    Returns int32 (42, count).
    """
    both = np.concatenate([dark, dark.swapaxes(1, 2)], axis=1)
    packed: Array = both @ (1 << np.arange(SIZE, dtype=np.int32)[::-1])
    return packed.T


def _changes(digits: int, start: int, error_correction: str) -> Array:
    """Returns the changes that each value of a group of digits makes to the symbol of 0: int32 (42, values).

    The group begins at the digit `start`.
    """
    size = min(_GROUP, digits - start)
    zeros = _symbol("0" * digits, error_correction, 0)
    changes = np.zeros((2 * SIZE, 1), np.int32)
    while (value := changes.shape[1]) < 10**size:  # The value is a power of two, so it is one bit of the payload.
        text = "0" * start + f"{value:0{size}}" + "0" * (digits - start - size)
        changes = np.hstack([changes, changes ^ zeros ^ _symbol(text, error_correction, 0)])
    return changes


def _light(rows: Array) -> Array:
    """Unpack rows, int32 (21, count), into modules: bool (count, 21, 21, 1), True where light."""
    bits = np.unpackbits(rows.T.astype(">i4", order="C").view(np.uint8), axis=1)
    return np.logical_not(bits.reshape(-1, SIZE, 32)[:, :, -SIZE:, np.newaxis])


def lost_points(symbols: Array) -> Array:
    """Returns the points that symbols, int32 (42, count), lose, as `qrcode.util.lost_point` counts them."""
    rows = symbols[:SIZE]
    share = np.bitwise_count(rows).sum(0) / SIZE**2
    # The operations and their order are the library's, so that floats are rounded in the same way.
    uneven = (abs(share * 100 - 50) / 5).astype(int) * 10
    # The library skips some windows and blocks, but only those that cannot lose points.
    lost: Array = uneven + 3 * _blocks(rows) + points_of_lines()[symbols].sum(0, dtype=np.int16)
    return lost


def _blocks(rows: Array) -> Array:
    """Returns how many squares of two by two have four equal modules."""
    across, down = rows ^ rows >> 1, rows[1:] ^ rows[:-1]
    alike = ~(across[1:] | down | down >> 1) & 2 ** (SIZE - 1) - 1
    blocks: Array = np.bitwise_count(alike).sum(0, dtype=np.int16)
    return blocks


_WINDOWS = {
    # A run of n ≥ 5 equal modules loses n - 2 points: 3 for each of its n - 4 windows of five, minus 2 for each of its
    # n - 5 windows of six.
    "00000": 3,
    "11111": 3,
    "000000": -2,
    "111111": -2,
    # A scanner may mistake these for a finder pattern.
    "10111010000": 40,
    "00001011101": 40,
}
"""The points that a row or a column loses for each window with these modules."""


@cache
def points_of_lines() -> Array:
    """Returns the points that each possible row or column loses, at most 90: int8 (2**21,)."""
    points = np.zeros(2**SIZE, np.int8)
    for window, lost in _WINDOWS.items():
        for after in range(SIZE - len(window) + 1):
            points.reshape(-1, 2 ** len(window), 2**after)[:, int(window, 2)] += lost
    return points
