"""The data: numbers drawn at random, the QR code of each, and what damages it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.errors import DataError
from study.task import Level, Progress, Settings, Splits
from study.tasks.qr_digits.version_1 import SIZE

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CHUNK = 10_000
"""Codes that are made at once, in 15 MB."""


def make_splits(settings: Settings, *, sizes: Mapping[str, int], progress: Progress) -> Splits:
    """The splits, one after the other out of the same draw, so that no number is in two of them."""
    seed = int(settings["data_seed"])
    numbers = draw(int(settings["digits"]), seed=seed, count=sum(sizes.values()))
    codes = make(numbers, error_correction=str(settings["error_correction"]), mask=settings["mask"], progress=progress)
    inputs, targets = damaged(codes, share=float(settings["damage"]), seed=seed), one_hot(numbers)
    splits, start = {}, 0
    for split, size in sizes.items():
        splits[split] = inputs[start : start + size], targets[start : start + size]
        start += size
    return splits


def draw(digits: int, *, seed: int, count: int) -> "Array":
    """`count` different numbers in the order drawn, uint8 (count, digits); fewer are a prefix of more."""
    import numpy as np

    if 10**digits < count:
        raise DataError(f"there are no {count} different numbers of {digits} digits")
    source = np.random.default_rng(seed)
    numbers: dict[bytes, None] = {}  # In the order of their first draw. 41 digits fit in no integer of NumPy's.
    while len(numbers) < count:
        numbers.update(dict.fromkeys(map(bytes, source.integers(10, size=(1024, digits), dtype=np.uint8))))
    return np.frombuffer(b"".join(numbers), np.uint8).reshape(-1, digits)[:count]


def one_hot(numbers: "Array") -> "Array":
    """The targets: bool (count, 1, digits, 10), the shape in which the heads answer."""
    import numpy as np

    return np.eye(10, dtype=bool)[numbers][:, np.newaxis]


def make(numbers: "Array", *, error_correction: str, mask: Level, progress: Progress) -> "Array":
    """The codes of all numbers: bool (count, 21, 21, 1), True where a module is light.

    `mask` is 0 to 7, or `library` for the one that the library finds best.
    """
    import numpy as np

    from study.tasks.qr_digits.symbols import Symbols

    count, digits = numbers.shape
    symbols = Symbols.of(digits, error_correction=error_correction)
    codes = np.empty((count, SIZE, SIZE, 1), bool)
    for start in range(0, count, CHUNK):
        end = min(start + CHUNK, count)
        codes[start:end] = symbols.make(numbers[start:end], mask=mask)
        progress(end, count)
    return codes


def damaged(codes: "Array", *, share: float, seed: int) -> "Array":
    """The codes with each module flipped with probability `share`.

    What a small share flips, a larger one flips too, so that levels of damage differ in nothing else.
    """
    import numpy as np

    if share == 0:
        return codes
    chance = np.random.default_rng([seed, 1]).random(codes.shape, np.float32)
    return np.bitwise_xor(codes, np.less(chance, share))
