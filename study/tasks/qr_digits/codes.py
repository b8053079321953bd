"""From digits to modules: numbers drawn at random, and the QR code of each."""

import multiprocessing
import os
import signal
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from study.errors import DataError
from study.task import Level, Progress, Settings, Splits

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SIZE = 21
"""Modules along one side of a version 1 code."""
CAPACITY = {"L": 41, "M": 34, "Q": 27, "H": 17}
"""Digits that version 1 holds in numeric mode, by level of error correction (ISO/IEC 18004, table 7)."""
CHUNK = 250
"""Codes that one process makes before it reports: less than a second's work."""


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
    """The targets: uint8 (count, 1, digits, 10), the shape in which the heads answer."""
    import numpy as np

    return np.eye(10, dtype=np.uint8)[numbers][:, np.newaxis]


def code(text: str, *, error_correction: str, mask: Level) -> "Array":
    """One QR code, as the article makes it: uint8 (21, 21, 1), 1 where a module is light.

    `mask` is 0 to 7, or `library` for the one that the library finds best.
    """
    import numpy as np
    import qrcode

    level = getattr(qrcode.constants, f"ERROR_CORRECT_{error_correction}")
    maker = qrcode.QRCode(version=1, error_correction=level, mask_pattern=None if mask == "library" else int(mask))
    maker.add_data(text)
    maker.make(fit=False)  # To fit would mean a larger version.
    return 1 - np.array(maker.modules, dtype=np.uint8)[:, :, np.newaxis]


def make(numbers: "Array", *, error_correction: str, mask: Level, progress: Progress) -> "Array":
    """The codes of all numbers, made by a process for each core: uint8 (count, 21, 21, 1)."""
    import numpy as np

    chunks = [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]
    work = partial(_chunk, error_correction=error_correction, mask=mask)
    codes = np.empty((len(numbers), SIZE, SIZE, 1), np.uint8)
    done = 0
    with ProcessPoolExecutor(
        min(os.cpu_count() or 1, len(chunks)), multiprocessing.get_context("spawn"), _follow_parent
    ) as processes:
        for made in processes.map(work, chunks):
            codes[done : done + len(made)] = made
            done += len(made)
            progress(done, len(numbers))
    return codes


def _chunk(numbers: "Array", *, error_correction: str, mask: Level) -> "Array":
    import numpy as np

    texts = ("".join(map(str, number)) for number in numbers)
    return np.stack([code(text, error_correction=error_correction, mask=mask) for text in texts])


def _follow_parent() -> None:
    """End with the parent, even one that was killed, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def damaged(codes: "Array", *, share: float, seed: int) -> "Array":
    """The codes with each module flipped with probability `share`.

    What a small share flips, a larger one flips too, so that levels of damage differ in nothing else.
    """
    import numpy as np

    if share == 0:
        return codes
    chance = np.random.default_rng([seed, 1]).random(codes.shape, np.float32)
    return np.bitwise_xor(codes, np.less(chance, share))
