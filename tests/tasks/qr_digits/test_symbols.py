"""Symbols made all at once are to the module what the library makes one by one, the masks that it chooses included."""

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pytest
import qrcode

from study.task import Level
from study.tasks.qr_digits import codes
from study.tasks.qr_digits.symbols import Symbols, lines, lost_points
from study.tasks.qr_digits.version_1 import CAPACITY
from tests.tasks.qr_digits import library

MASKS: tuple[Level, ...] = ("library", *range(8))


@pytest.mark.parametrize("level", CAPACITY)
def test_every_length_level_and_mask(level: str) -> None:
    random = np.random.default_rng(0)
    for digits in range(1, CAPACITY[level] + 1):
        symbols = Symbols.of(digits, error_correction=level)
        for mask in MASKS:
            numbers = random.integers(10, size=(4, digits), dtype=np.uint8)
            numbers[0] = 9
            numbers[1, : digits // 2] = 0
            expected = library.codes(numbers, error_correction=level, mask=mask)
            assert (symbols.make(numbers, mask=mask) == expected).all(), (digits, mask)


@pytest.mark.parametrize(("level", "most"), CAPACITY.items())
def test_the_capacity_of_each_level_is_the_librarys(level: str, most: int) -> None:
    with pytest.raises(qrcode.exceptions.DataOverflowError):
        Symbols.of(most + 1, error_correction=level)


@pytest.mark.slow
def test_ten_thousand_of_the_articles_codes() -> None:
    numbers = codes.draw(6, seed=0, count=50_000)[::5]
    made = Symbols.of(6, error_correction="H").make(numbers, mask="library")
    # A test of a user's task may have had the module loaded anew, and only what is loaded now can be pickled.
    present = importlib.import_module(library.__name__)
    one_by_one = partial(present.codes, error_correction="H", mask="library")
    # Fifteen seconds for two processes: the library is slow.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        expected = np.concatenate(list(processes.map(one_by_one, np.split(numbers, 20))))
    assert (made == expected).all()


def test_points_are_lost_as_in_the_library() -> None:
    random = np.random.default_rng(0)
    # From nearly all light to nearly all dark, and from single modules to long runs.
    shares = np.linspace(0.02, 0.98, 97)[:, np.newaxis, np.newaxis]
    fine, coarse = (
        random.random((97, 21, 21)) < shares,
        np.kron(random.random((97, 7, 7)) < shares, np.ones((3, 3), bool)),
    )
    finders = random.integers(2, size=(97, 21, 21)).astype(bool)
    finders[:, 3:14, 5] = finders[:, 9, 10:] = [int(module) for module in "10111010000"]
    finders[:, 18, 2:13] = finders[:, :11, 20] = [int(module) for module in "00001011101"]
    dark = np.concatenate([fine, coarse, finders, np.zeros((1, 21, 21), bool), np.ones((1, 21, 21), bool)])
    expected = [qrcode.util.lost_point(modules) for modules in dark.tolist()]
    assert lost_points(lines(dark)).tolist() == expected
