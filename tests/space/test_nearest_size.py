"""The level of a size is found with few models, as a search through all levels finds it."""

import random
from math import log

import pytest

from study.space.nearest_size import Fit, nearest_size


@pytest.mark.parametrize("seed", range(200))
def test_few_models_find_what_all_of_them_would(seed: int) -> None:
    draw = random.Random(seed)
    scale, power, rest = draw.uniform(0.5, 50), draw.uniform(0.3, 3), draw.choice([0, draw.uniform(0, 5_000)])
    every, low = draw.choice([1, 1, 2, 4, 8]), draw.choice([1, 3])
    high = draw.choice([float("inf"), draw.randint(50, 3_000)])
    built: list[int] = []

    def of(level: int) -> int:
        return 1 + int(scale * level**power + rest)

    def size(level: int) -> int:
        built.append(level)
        return of(level)

    target = draw.randint(2, of(draw.randint(1, 500)) + 2)
    fit = nearest_size(
        size, target, start=draw.randint(1, 300), low=low, high=high, allowed=lambda level: level % every == 0
    )
    all_levels = [level for level in range(low, int(min(high, 6_000)) + 1) if level % every == 0]
    assert fit is not None
    assert abs(log(fit.size / target)) == min(abs(log(of(level) / target)) for level in all_levels)
    assert len(built) == len(set(built)) <= 12


def test_a_size_that_jumps_is_found_in_the_end() -> None:
    fit = nearest_size(lambda level: 10 if level < 777 else 10_000, 9_000, start=3, low=1)
    assert fit is not None
    assert fit.size == 10_000


def test_a_setting_that_changes_no_size_is_not_tried_for_ever() -> None:
    built: list[int] = []

    def size(level: int) -> float:
        built.append(level)
        return 100.0

    fit = nearest_size(size, 1_000, start=5, low=1)
    assert fit is not None
    assert (fit.size, len(built)) == (100.0, 9)


def test_levels_that_are_all_refused_give_none() -> None:
    assert nearest_size(lambda level: level, 5, start=3, low=1, high=9, allowed=lambda level: False) is None
    assert nearest_size(lambda level: level, 5, start=3, low=1, high=9, allowed=lambda level: level == 9) == Fit(9, 9)


def test_a_target_beyond_the_bounds_gives_the_end() -> None:
    assert nearest_size(lambda level: level, 500, start=3, low=1, high=9) == Fit(9, 9)
    assert nearest_size(lambda level: level, 0.1, start=3, low=2, high=9) == Fit(2, 2)
