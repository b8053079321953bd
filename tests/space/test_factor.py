"""A factor and a range hold what may be drawn from them, and one that makes no sense cannot be made."""

import math
from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space.factor import Factor, Range
from study.task import Level

RATE = Factor("rate", Range(0.001, 1.0, log=True))


@pytest.mark.parametrize(
    ("low", "high", "log", "step", "message"),
    [
        (2, 2, False, None, "low must be below high, not 2 and 2"),
        (3, 1, False, None, "low must be below high, not 3 and 1"),
        (0, 1, True, None, "a logarithmic range must begin above 0, not at 0"),
        (-1.0, 1.0, True, None, "a logarithmic range must begin above 0, not at -1.0"),
        (1, 100, True, 3, "a logarithmic range takes no step, not 3"),
        (1, 4, False, 1.5, "step must be whole if low and high are, not 1.5"),
        (1, 4, False, math.inf, "step must be whole if low and high are, not inf"),
        (0.0, 1.0, False, 1e-320, "high - low must be a number of whole steps: 1e-320 does not divide 1"),
        (1, 10, False, 2, "high - low must be a number of whole steps: 2 does not divide 9"),
        (0.0, 1.0, False, 0.3, "high - low must be a number of whole steps: 0.3 does not divide 1"),
        (0.0, 1.0, False, 2.0, "high - low must be a number of whole steps: 2.0 does not divide 1"),
        (0.0, 1.0, False, -0.5, "high - low must be a number of whole steps: -0.5 does not divide 1"),
        (0.0, 1.0, False, 0.0, "high - low must be a number of whole steps: 0.0 does not divide 1"),
    ],
)
def test_a_range_that_makes_no_sense_cannot_be(low: float, high: float, log: bool, step: Any, message: str) -> None:
    with pytest.raises(SearchSpaceError) as caught:
        Range(low, high, log, step)
    assert caught.value.problems == (message,)


@pytest.mark.parametrize(
    ("numbers", "inside", "outside"),
    [
        (Range(1, 9), [1, 5, 9, 5.0], [0, 10, 2.5, True, "5"]),
        (Range(1, 9, step=4), [1, 5, 9], [2, 4, 13]),
        (Range(0.1, 0.7, step=0.1), [0.1, 0.3, 0.1 + 0.2, 0.7], [0.15, 0.8, 0.0]),
        (Range(0.5, 2), [0.5, 1, 1.234, 2], [0.4, 2.1, True]),
        (Range(1, 1000, log=True), [1, 10, 999], [0, 2.5]),
    ],
)
def test_a_range_holds_what_can_be_drawn_from_it(numbers: Range, inside: list[Level], outside: list[Level]) -> None:
    assert all(level in numbers for level in inside)
    assert not any(level in numbers for level in outside)


@pytest.mark.parametrize(
    ("numbers", "size", "last"),
    [
        (Range(1, 9), 9, 9),
        (Range(1, 9, step=2.0), 5, 9),
        (Range(0.1, 0.7, step=0.1), 7, 0.7),
        (Range(0, 2**62), 2**62 + 1, 2**62),
    ],
)
def test_a_range_of_steps_can_be_counted(numbers: Range, size: int, last: float) -> None:
    assert numbers.size == size
    assert numbers.at(0) == numbers.low
    assert numbers.at(size - 1) == last
    assert isinstance(numbers.at(1), int) is numbers.whole


def test_a_range_without_steps_cannot_be_counted() -> None:
    assert Range(0.1, 1).size is None
    assert RATE.size is None


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ((), "needs at least two levels, the baseline's among them, not []"),
        ((3,), "needs at least two levels, the baseline's among them, not [3]"),
        ((1, 2, 1.0), "repeats the level 1"),
        ((True, False, True), "repeats the level true"),
        (("a", "b", "a"), "repeats the level a"),
        ((1_000_000, 1e6), "repeats the level 1e+06"),
        ((0.1, 0.1000001), "has two levels that would be named 0.1; numbers are written in six digits"),
        (("1", 1), "has two levels that would be named 1; numbers are written in six digits"),
    ],
)
def test_a_factor_has_two_levels_or_more_and_each_once(levels: tuple[Level, ...], message: str) -> None:
    with pytest.raises(SearchSpaceError) as caught:
        Factor("depth", levels)
    assert caught.value.problems == (message,)


def test_true_and_one_are_two_levels() -> None:
    factor = Factor("mixed", (True, 1, 0, False))
    assert factor.size == 4
    assert factor.holds(1.0)
    assert not Factor("mixed", (True, False)).holds(1)
    assert RATE.holds(0.01)
    assert not RATE.holds(2.0)


def test_a_factor_of_many_levels_is_made_at_once() -> None:
    assert Factor("depth", tuple(range(200_000))).size == 200_000


def test_a_factor_with_a_condition_exists_where_it_holds() -> None:
    factor = Factor("kernel", (3, 5), when={"trunk": ("conv",), "norm": (False,)})
    assert factor.exists({"trunk": "conv", "norm": False})
    assert not factor.exists({"trunk": "conv", "norm": True})
    assert not factor.exists({"trunk": "conv", "norm": 0})
    assert not factor.exists({"trunk": "dense", "norm": False})
    assert Factor("kernel", (3, 5)).exists({})
