"""Decodes a QR code by rule, without any learning, like a scanner that has located the code.

The library `qrcode` shows which modules of a symbol hold its format and its codewords. The library `reedsolo` corrects
wrong codewords, as many as the level of error correction allows: 3, 5, 6 or 8 of the 26.
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

from study.tasks.qr_digits.version_1 import CAPACITY, SIZE

Array = np.ndarray[Any, Any]
_FORMATS = tuple(product(CAPACITY, range(8)))
"""Every format that a code can have: a level of error correction and a mask."""
_CODEWORDS: int = rs_blocks(1, qrcode.constants.ERROR_CORRECT_H)[0].total_count
_MODE_BITS = 4
_DIGITS_START: int = _MODE_BITS + length_in_bits(MODE_NUMBER, 1)
"""Before the bits of the digits stand the mode and the number of digits."""
_GROUP: int = max(NUMBER_LENGTH)
"""The number of digits that are turned into bits together."""


class Decoded(NamedTuple):
    """The content of a code."""

    error_correction: str
    mask: int
    digits: str | None
    """None if the code cannot be decoded."""


def decode(codes: Array) -> list[Decoded]:
    """Returns the content of each code. Codes are (count, 21, 21, 1), true or 1 where a module is light."""
    dark = np.logical_not(codes.reshape(len(codes), -1))
    layout = _layout()
    # All modules without codewords are compared with each of the 32 formats, and the nearest format is taken.
    similarity = _signs(dark[:, layout.others]) @ _signs(layout.blanks[:, layout.others]).T
    formats = similarity.argmax(axis=1)
    bits = dark[:, layout.bits] ^ layout.blanks[formats][:, layout.bits]
    codewords = np.packbits(bits, axis=1)
    return [_decoded(*_FORMATS[int(number)], bytes(words)) for number, words in zip(formats, codewords, strict=True)]


def digit_modules(digits: int) -> Array:
    """Returns the modules that hold the bits of each digit's group: bool (digits, 21, 21), true for ten, or fewer.

    Three digits, or what is left of them at the end, are one binary number. The modules for the correction of errors
    depend on all digits, and belong to none.
    """
    sizes = [min(_GROUP, digits - start) for start in range(0, digits, _GROUP)]
    modules, start = np.zeros((len(sizes), len(_layout().blanks[0])), bool), _DIGITS_START
    for group, size in enumerate(sizes):
        modules[group, _layout().bits[start : start + NUMBER_LENGTH[size]]] = True
        start += NUMBER_LENGTH[size]
    return modules.repeat(sizes, axis=0).reshape(digits, SIZE, SIZE)


def _signs(modules: Array) -> Array:
    return np.where(modules, np.float32(1), np.float32(-1))


@dataclass(frozen=True)
class _Layout:
    """The purpose of each of the 441 modules of a symbol, in the order of rows."""

    blanks: Array
    """For each format, the symbol with only zeros in its codewords: bool (32, 441), True where dark."""
    bits: Array
    """The indices of the modules with codewords: int (208,). The highest bit of the first codeword comes first."""
    others: Array
    """The indices of all other modules, including finder patterns and format: int (233,)."""


@cache
def _layout() -> _Layout:
    blanks = np.stack([_symbol(bytes(_CODEWORDS), *format_) for format_ in _FORMATS])
    # The bits are numbered from 1. There is a symbol for each binary digit of these numbers. Together the symbols show
    # the number of the bit that each module holds.
    numbers = np.arange(1, 8 * _CODEWORDS + 1)
    shown = [_symbol(np.packbits(numbers >> digit & 1).tobytes(), *_FORMATS[0]) ^ blanks[0] for digit in range(8)]
    order = np.argsort(2 ** np.arange(8) @ np.stack(shown), kind="stable")
    return _Layout(blanks, order[-len(numbers) :], order[: -len(numbers)])


def _symbol(codewords: Sequence[int], error_correction: str, mask: int) -> Array:
    """Let the library draw the symbol of these codewords: bool (441,), True where dark."""
    maker = qrcode.QRCode(version=1, error_correction=_level(error_correction))
    maker.data_cache = codewords
    maker.makeImpl(False, mask)
    return np.array(maker.modules, bool).ravel()


def _level(error_correction: str) -> int:
    level: int = getattr(qrcode.constants, f"ERROR_CORRECT_{error_correction}")
    return level


def _decoded(error_correction: str, mask: int, codewords: bytes) -> Decoded:
    try:
        data, _, _ = _codec(error_correction).decode(codewords)
    except ReedSolomonError:
        return Decoded(error_correction, mask, None)
    return Decoded(error_correction, mask, _digits(bytes(data)))


@cache
def _codec(error_correction: str) -> RSCodec:
    (block,) = rs_blocks(1, _level(error_correction))
    return RSCodec(block.total_count - block.data_count, fcr=0, prim=0x11D, generator=2)


def _digits(data: bytes) -> str | None:
    """Returns the digits in data of numeric mode, or None if the data have another mode or are not valid."""
    bits = "".join(f"{byte:08b}" for byte in data)
    start = _DIGITS_START
    mode, left = int(bits[:_MODE_BITS], 2), int(bits[_MODE_BITS:start], 2)
    text = ""
    while mode == MODE_NUMBER and left:
        size = min(_GROUP, left)
        end = start + NUMBER_LENGTH[size]
        group = bits[start:end]
        if start + len(group) < end or int(group, 2) >= 10**size:
            return None
        text += f"{int(group, 2):0{size}}"
        start, left = end, left - size
    return text or None
