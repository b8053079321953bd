"""From modules to digits, by rule: what a scanner does once it has found the code.

Where a symbol keeps its format and its codewords, `qrcode` is asked; wrong codewords are put right by `reedsolo`, as
many as the level of error correction can: 3, 5, 6 or 8 of the 26.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import qrcode
from qrcode.base import rs_blocks
from qrcode.util import MODE_NUMBER, NUMBER_LENGTH, length_in_bits
from reedsolo import ReedSolomonError, RSCodec

from study.tasks.qr_digits.version_1 import CAPACITY

Array = np.ndarray[Any, Any]
_FORMATS = tuple(product(CAPACITY, range(8)))
"""What the information about the format may name: a level of error correction and a mask."""
_CODEWORDS: int = rs_blocks(1, qrcode.constants.ERROR_CORRECT_H)[0].total_count
_MODE_BITS = 4


class Reading(NamedTuple):
    """What a code says."""

    error_correction: str
    mask: int
    digits: str | None
    """None where the code could not be read."""


def read(codes: Array) -> list[Reading]:
    """What each code says, from (count, 21, 21, 1), true or 1 where a module is light."""
    dark = np.logical_not(codes.reshape(len(codes), -1))
    layout = _layout()
    # The nearest of the 32 formats, by all the modules that hold no codeword.
    alike = _signs(dark[:, layout.others]) @ _signs(layout.blanks[:, layout.others]).T
    formats = alike.argmax(axis=1)
    bits = dark[:, layout.bits] ^ layout.blanks[formats][:, layout.bits]
    codewords = np.packbits(bits, axis=1)
    return [_reading(*_FORMATS[int(named)], bytes(words)) for named, words in zip(formats, codewords, strict=True)]


def _signs(modules: Array) -> Array:
    return np.where(modules, np.float32(1), np.float32(-1))


@dataclass(frozen=True)
class _Layout:
    """What lies where in a symbol, its 441 modules one after the other."""

    blanks: Array
    """A symbol of each format whose codewords are all 0: bool (32, 441), True where dark."""
    bits: Array
    """The places of the codewords' bits, the highest of the first codeword first: int (208,)."""
    others: Array
    """All other places, finder patterns and format among them: int (233,)."""


@cache
def _layout() -> _Layout:
    blanks = np.stack([_symbol(bytes(_CODEWORDS), *named) for named in _FORMATS])
    # Each bit is numbered from 1, and the symbols of all numbers' binary digits show each module's number.
    numbers = np.arange(1, 8 * _CODEWORDS + 1)
    shown = [_symbol(np.packbits(numbers >> digit & 1).tobytes(), *_FORMATS[0]) ^ blanks[0] for digit in range(8)]
    order = np.argsort(2 ** np.arange(8) @ np.stack(shown), kind="stable")
    return _Layout(blanks, order[-len(numbers) :], order[: -len(numbers)])


def _symbol(codewords: Sequence[int], error_correction: str, mask: int) -> Array:
    """A symbol of these codewords by the library: bool (441,), True where dark."""
    maker = qrcode.QRCode(version=1, error_correction=_level(error_correction))
    maker.data_cache = codewords
    maker.makeImpl(False, mask)
    return np.array(maker.modules, bool).ravel()


def _level(error_correction: str) -> int:
    level: int = getattr(qrcode.constants, f"ERROR_CORRECT_{error_correction}")
    return level


def _reading(error_correction: str, mask: int, codewords: bytes) -> Reading:
    try:
        data, _, _ = _codec(error_correction).decode(codewords)
    except ReedSolomonError:
        return Reading(error_correction, mask, None)
    return Reading(error_correction, mask, _digits(bytes(data)))


@cache
def _codec(error_correction: str) -> RSCodec:
    (block,) = rs_blocks(1, _level(error_correction))
    return RSCodec(block.total_count - block.data_count, fcr=0, prim=0x11D, generator=2)


def _digits(data: bytes) -> str | None:
    """The digits in data of numeric mode; None where it is none of that."""
    bits = "".join(f"{byte:08b}" for byte in data)
    start = _MODE_BITS + length_in_bits(MODE_NUMBER, 1)
    mode, left = int(bits[:_MODE_BITS], 2), int(bits[_MODE_BITS:start], 2)
    text = ""
    while mode == MODE_NUMBER and left:
        size = min(max(NUMBER_LENGTH), left)
        end = start + NUMBER_LENGTH[size]
        group = bits[start:end]
        if start + len(group) < end or int(group, 2) >= 10**size:
            return None
        text += f"{int(group, 2):0{size}}"
        start, left = end, left - size
    return text or None
