"""The data: numbers drawn at random, the QR code of each, and what damages it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.errors import DataError
from study.task import Examples, Level, Progress, Settings, Splits
from study.tasks.qr_digits.version_1 import SIZE

if TYPE_CHECKING:
    import numpy as np

    from study.tasks.qr_digits.reading import Reading

    Array = np.ndarray[Any, Any]

SIZES = {"pool": 30_000, "validation": 10_000, "test": 10_000}
MOST_SEEDS = 2**32
"""A `data_seed` is below it, so what is drawn from a seed above is drawn by no data set."""
CHUNK = 10_000
"""Codes that are made at once, in 15 MB."""


def make_splits(settings: Settings, *, sizes: Mapping[str, int], progress: Progress) -> Splits:
    """The splits, one after the other out of the same draw, so that no number is in two of them."""
    seed = int(settings["data_seed"])
    numbers = draw(int(settings["digits"]), seed=seed, count=sum(sizes.values()))
    inputs, targets = _examples(numbers, settings, seed=seed, progress=progress)
    splits, start = {}, 0
    for split, size in sizes.items():
        splits[split] = inputs[start : start + size], targets[start : start + size]
        start += size
    return splits


def fresh(settings: Settings, *, count: int, seed: int) -> Examples:
    """Codes of numbers that are in no split of the task's data, and their targets."""
    import numpy as np

    digits, known = int(settings["digits"]), sum(SIZES.values())
    if count > (most := 10**digits - known):
        raise DataError(f"{count:,} fresh numbers were asked for; of {digits} digits only {most:,} are in no split")
    taken = set(map(bytes, draw(digits, seed=int(settings["data_seed"]), count=known)))
    drawn = draw(digits, seed=MOST_SEEDS + seed, count=known + count)
    numbers = np.stack([number for number in drawn if bytes(number) not in taken][:count])
    return _examples(numbers, settings, seed=MOST_SEEDS + seed, progress=_unseen)


def read(codes: "Array") -> "list[Reading]":
    """What each code (count, 21, 21, 1) says by rule, without any learning: format and digits, as far as readable."""
    from study.tasks.qr_digits import reading

    return reading.read(codes)


def ceiling(settings: Settings, count: int) -> tuple[float, float]:
    """The shares of digits and of whole numbers that `read` gets right on the first `count` validation codes.

    Of a code that it cannot read it gets no digit. `settings` are all those of the task, or at least of its data.
    """
    inputs, targets = (part[:count] for part in make_splits(settings, sizes=SIZES, progress=_unseen)["validation"])
    truth = ["".join(map(str, number)) for number in targets.argmax(-1)[:, 0].tolist()]
    found = [reading.digits or "" for reading in read(inputs)]
    pairs = list(zip(truth, found, strict=True))
    right = sum(a == b for number, answer in pairs for a, b in zip(number, answer, strict=False))
    whole = sum(number == answer for number, answer in pairs)
    return right / sum(map(len, truth)), whole / len(truth)


def _unseen(done: int, total: int) -> None:
    """Progress that nobody looks at: it takes a moment."""


def _examples(numbers: "Array", settings: Settings, *, seed: int, progress: Progress) -> Examples:
    """The codes of numbers, damaged as the settings have it, and their targets."""
    codes = make(numbers, error_correction=str(settings["error_correction"]), mask=settings["mask"], progress=progress)
    return damaged(codes, share=float(settings["damage"]), seed=seed), one_hot(numbers)


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
