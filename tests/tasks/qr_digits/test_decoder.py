"""The reader by rule: right on every clean code, and on damaged ones as far as error correction reaches."""

import time
from typing import Any

import numpy as np
import pytest
import qrcode

from study.errors import DataError
from study.task import defaults
from study.tasks.qr_digits import codes, decoder, task
from study.tasks.qr_digits.version_1 import CAPACITY
from tests.tasks.qr_digits import library

Array = np.ndarray[Any, Any]
CORRECTABLE = {"L": 3, "M": 5, "Q": 6, "H": 8}


def made(level: str, *, count: int = 50, digits: int = 6, mask: int = 3) -> tuple[list[str], Array]:
    numbers = np.random.default_rng(0).integers(10, size=(count, digits), dtype=np.uint8)
    return ["".join(map(str, row)) for row in numbers], library.codes(numbers, error_correction=level, mask=mask)


def damaged(symbols: Array, *, codewords: int) -> Array:
    """The symbols with some modules of so many codewords flipped, others in each symbol."""
    random = np.random.default_rng(1)
    flat = symbols.reshape(len(symbols), -1).copy()
    places = decoder._layout().bits.reshape(26, 8)
    for modules in flat:
        for codeword in random.permutation(26)[:codewords]:
            hit = places[codeword][random.permutation(8)[: random.integers(1, 9)]]
            modules[hit] = ~modules[hit]
    return flat.reshape(symbols.shape)


@pytest.mark.parametrize("level", CAPACITY)
def test_every_clean_code_is_read(level: str) -> None:
    for digits in range(1, CAPACITY[level] + 1):
        for mask in range(8):
            texts, symbols = made(level, count=1, digits=digits, mask=mask)
            assert decoder.decode(symbols) == [(level, mask, texts[0])]


def test_numbers_that_begin_with_zeros_and_the_masks_of_the_library() -> None:
    numbers = np.array([[0] * 6, [0, 0, 0, 0, 0, 1], [0, 4, 2, 0, 0, 0], [9] * 6], np.uint8)
    symbols = library.codes(numbers, error_correction="H", mask="library")
    assert [decoded.digits for decoded in decoder.decode(symbols)] == ["000000", "000001", "042000", "999999"]
    assert decoder.decode(symbols.astype("float32")) == decoder.decode(symbols)


@pytest.mark.parametrize(("level", "most"), CORRECTABLE.items())
def test_as_many_codewords_are_put_right_as_the_level_can(level: str, most: int) -> None:
    texts, symbols = made(level)
    assert [decoded.digits for decoded in decoder.decode(damaged(symbols, codewords=most))] == texts
    beyond = [decoded.digits for decoded in decoder.decode(damaged(symbols, codewords=most + 1))]
    assert beyond.count(None) > 40


def test_the_format_is_known_by_all_its_modules_together() -> None:
    texts, symbols = made("Q")
    flat = symbols.reshape(len(symbols), -1)
    others, blanks = decoder._layout().others, decoder._layout().blanks
    of_format = others[(blanks.any(axis=0) != blanks.all(axis=0))[others]]
    assert len(of_format) == 30
    random = np.random.default_rng(0)
    for row in flat:  # Six may fall on one of the two copies, which alone bears three.
        hit = random.permutation(of_format)[:6]
        row[hit] = ~row[hit]
    assert decoder.decode(symbols) == [("Q", 3, text) for text in texts]


def test_what_is_no_number_is_not_read() -> None:
    maker = qrcode.QRCode(version=1, error_correction=qrcode.constants.ERROR_CORRECT_L, mask_pattern=0)
    maker.add_data("STUDY")
    maker.make(fit=False)
    text = ~np.array(maker.modules)[np.newaxis, :, :, np.newaxis]
    noise = np.random.default_rng(0).random((20, 21, 21, 1)) < 0.5
    assert [decoded.digits for decoded in decoder.decode(np.concatenate([text, noise]))] == [None] * 21


def test_the_ceiling_falls_with_damage_and_is_quickly_known() -> None:
    settings = defaults(task)
    begin = time.monotonic()
    assert codes.ceiling(settings, 2_000) == (1.0, 1.0)
    assert time.monotonic() - begin < 5
    digits, whole = codes.ceiling({**settings, "damage": 0.05, "mask": 0}, 500)
    assert 0.3 < whole <= digits < 0.7
    assert codes.ceiling({**settings, "damage": 0.3, "mask": 0}, 100) == (0.0, 0.0)


def test_fresh_numbers_are_in_no_split() -> None:
    settings = {**defaults(task), "digits": 5, "mask": 0}
    inputs, targets = task.fresh(settings, count=200, seed=0)
    fresh = [task.text(target) for target in targets]
    known = {"".join(map(str, row)) for row in codes.draw(5, seed=0, count=50_000).tolist()}
    assert len(set(fresh)) == 200
    assert not set(fresh) & known
    assert [decoded.digits for decoded in decoder.decode(inputs)] == fresh
    assert fresh[:10] == [task.text(target) for target in task.fresh(settings, count=10, seed=0)[1]]
    assert fresh[:10] != [task.text(target) for target in task.fresh(settings, count=10, seed=1)[1]]
    with pytest.raises(DataError, match="60,000 fresh numbers are too many: only 50,000 of 5 digits are in no split"):
        task.fresh(settings, count=60_000, seed=0)


@pytest.mark.parametrize("digits", [6, 5, 4, 1])
def test_the_modules_of_a_digit_are_those_that_only_its_group_changes(digits: int) -> None:
    random = np.random.default_rng(0)
    starts = range(0, digits, 3)

    def changed_by(start: int) -> Array:
        numbers = np.zeros((200, digits), np.uint8)
        numbers[:, start : start + 3] = random.integers(10, size=numbers[:, start : start + 3].shape)
        symbols = library.codes(numbers, error_correction="H", mask=3)[..., 0]
        changed: Array = (symbols != symbols[:1]).any(axis=0)
        return changed

    changed = {start: changed_by(start) for start in starts}
    modules = decoder.digit_modules(digits)
    sizes = {1: 4, 2: 7, 3: 10}
    assert [int(one.sum()) for one in modules] == [sizes[min(3, digits - place // 3 * 3)] for place in range(digits)]
    for place in range(digits):
        own = changed[place // 3 * 3]
        assert not (modules[place] & ~own).any()
        for start in starts:
            if start != place // 3 * 3:
                assert not (modules[place] & changed[start]).any()
                # A group of fewer digits changes too few bits to reach every module for the correction of errors.
                assert digits != 6 or np.array_equal(modules[place], own & ~changed[start])
