"""Measures how fast the article's codes are made: all at once by us, or one by one by two libraries."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from study.tasks.qr_digits import codes, symbols
from tests.tasks.qr_digits import library

_LEVEL = "H"


@dataclass(frozen=True)
class Making:
    """Seconds to make `count` codes of six digits on one core. Each number is the median of its rounds."""

    count: int
    ours: float
    """Without any table from an earlier call."""
    qrcode: float
    """Measured on a sample."""
    segno: float
    """Measured on a sample. The library counts penalties differently, so it may choose another mask."""


def make(count: int = 40_000, *, sample: int = 500, rounds: int = 5) -> Making:
    """Measure the three in turns, so that other work of the machine slows all of them equally.

    `segno` is not a dependency of this project.
    """
    numbers = codes.draw(6, seed=0, count=count)
    few, scale = numbers[:sample], count / sample
    _cold(few)  # The first call imports the libraries, which must not count.
    _segno(few[:1])
    turns = [(_seconds(_cold, numbers), _seconds(_qrcode, few), _seconds(_segno, few)) for _ in range(rounds)]
    ours, qrcode, segno = map(median, zip(*turns, strict=True))
    return Making(count, ours, scale * qrcode, scale * segno)


def _cold(numbers: symbols.Array) -> None:
    symbols.points_of_lines.cache_clear()
    codes.make(numbers, error_correction=_LEVEL, mask="library", progress=lambda done, total: None)


def _qrcode(numbers: symbols.Array) -> None:
    library.codes(numbers, error_correction=_LEVEL, mask="library")


def _segno(numbers: symbols.Array) -> None:
    import segno

    for number in numbers:
        text = "".join(map(str, number))
        made = segno.make(text, version=1, error=_LEVEL, boost_error=False, micro=False)
        np.array(made.matrix, bool)


def _seconds(work: Callable[[symbols.Array], None], numbers: symbols.Array) -> float:
    begin = time.perf_counter()
    work(numbers)
    return time.perf_counter() - begin
