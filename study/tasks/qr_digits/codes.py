"""Makes the data: draws random numbers, makes the QR code of each, and damages it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from study.errors import DataError
from study.task import Examples, Level, Progress, Settings, Splits
from study.tasks.qr_digits.decoder import decode
from study.tasks.qr_digits.limits import MOST_SEEDS, SIZES
from study.tasks.qr_digits.symbols import Symbols
from study.tasks.qr_digits.version_1 import SIZE

Array = np.ndarray[Any, Any]

CHUNK = 10_000
"""How many codes are made at once. They take 15 MB of memory."""


def make_splits(settings: Settings, *, sizes: Mapping[str, int], progress: Progress) -> Splits:
    """Make the splits. They are consecutive parts of one draw, so that no number is in two splits."""
    seed = int(settings["data_seed"])
    numbers = draw(int(settings["digits"]), seed=seed, count=sum(sizes.values()))
    inputs, targets = _examples(numbers, settings, seed=seed, progress=progress)
    splits, start = {}, 0
    for split, size in sizes.items():
        splits[split] = inputs[start : start + size], targets[start : start + size]
        start += size
    return splits


def fresh(settings: Settings, *, count: int, seed: int) -> Examples:
    """Make codes of numbers that are in no split of the task's data. Returns the codes and their targets."""
    digits, used = int(settings["digits"]), sum(SIZES.values())
    if count > (most := 10**digits - used):
        raise DataError(f"{count:,} fresh numbers are too many: only {most:,} of {digits} digits are in no split")
    in_splits = set(map(bytes, draw(digits, seed=int(settings["data_seed"]), count=used)))
    drawn = draw(digits, seed=MOST_SEEDS + seed, count=used + count)
    numbers = np.stack([number for number in drawn if bytes(number) not in in_splits][:count])
    return _examples(numbers, settings, seed=MOST_SEEDS + seed, progress=_ignore_progress)


def ceiling(settings: Settings, count: int) -> tuple[float, float]:
    """Returns the shares of digits and of whole numbers that `decode` gets right on the first `count` validation codes.

    A code that it cannot decode counts as wrong in every digit. `settings` must hold at least those of the data.
    """
    splits = make_splits(settings, sizes=SIZES, progress=_ignore_progress)
    inputs, targets = (part[:count] for part in splits["validation"])
    truth = ["".join(map(str, number)) for number in targets.argmax(-1)[:, 0].tolist()]
    answers = [decoded.digits or "" for decoded in decode(inputs)]
    pairs = list(zip(truth, answers, strict=True))
    right = sum(a == b for number, answer in pairs for a, b in zip(number, answer, strict=False))
    whole = sum(number == answer for number, answer in pairs)
    return right / sum(map(len, truth)), whole / len(truth)


def _ignore_progress(done: int, total: int) -> None:
    """Show nothing, because the work takes only a moment."""


def _examples(numbers: Array, settings: Settings, *, seed: int, progress: Progress) -> Examples:
    """Make the codes of numbers, with the damage that the settings ask for. Returns the codes and their targets."""
    codes = make(numbers, error_correction=str(settings["error_correction"]), mask=settings["mask"], progress=progress)
    return damaged(codes, share=float(settings["damage"]), seed=seed), one_hot(numbers)


def draw(digits: int, *, seed: int, count: int) -> Array:
    """Draw `count` different numbers: uint8 (count, digits), in the order of the draw.

    With the same seed, a larger draw begins with the same numbers as a smaller one.
    """
    if 10**digits < count:
        raise DataError(f"there are no {count} different numbers of {digits} digits")
    source = np.random.default_rng(seed)
    # A dict keeps numbers in the order of their first draw. They are bytes, because no NumPy integer holds 41 digits.
    numbers: dict[bytes, None] = {}
    while len(numbers) < count:
        numbers.update(dict.fromkeys(map(bytes, source.integers(10, size=(1024, digits), dtype=np.uint8))))
    return np.frombuffer(b"".join(numbers), np.uint8).reshape(-1, digits)[:count]


def one_hot(numbers: Array) -> Array:
    """Returns the targets: bool (count, 1, digits, 10), the shape of the network's output."""
    return np.eye(10, dtype=bool)[numbers][:, np.newaxis]


def make(numbers: Array, *, error_correction: str, mask: Level, progress: Progress) -> Array:
    """Make the codes of numbers: bool (count, 21, 21, 1), True where a module is light.

    `mask` is 0 to 7, or `library` for the mask that the library chooses.
    """
    count, digits = numbers.shape
    symbols = Symbols.of(digits, error_correction=error_correction)
    codes = np.empty((count, SIZE, SIZE, 1), bool)
    for start in range(0, count, CHUNK):
        end = min(start + CHUNK, count)
        codes[start:end] = symbols.make(numbers[start:end], mask=mask)
        progress(end, count)
    return codes


def damaged(codes: Array, *, share: float, seed: int) -> Array:
    """Flip each module of the codes with probability `share`.

    A larger share flips all modules that a smaller one flips, and more. So levels of damage differ in nothing else.
    """
    if share == 0:
        return codes
    chance = np.random.default_rng([seed, 1]).random(codes.shape, np.float32)
    return np.bitwise_xor(codes, np.less(chance, share))
