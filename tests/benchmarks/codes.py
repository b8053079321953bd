"""What making the article's codes costs: all at once, or one by one as two libraries do."""

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
    """Seconds that so many codes of six digits take on one core, each the median of its rounds."""

    count: int
    ours: float
    """With no table made before."""
    qrcode: float
    """As measured on a sample."""
    segno: float
    """Likewise. It counts its penalties otherwise, so that it may choose another mask."""


def make(count: int = 40_000, *, sample: int = 500, rounds: int = 5) -> Making:
    """Make them in turns, so that what else the machine does meets all alike; `segno` is no dependency of ours."""
    numbers = codes.draw(6, seed=0, count=count)
    few, scale = numbers[:sample], count / sample
    _cold(few)  # The imports.
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
