"""Random points that were not tried yet."""

import math
import random
from typing import Any

import optuna
import pytest

from study.space.design import Design, Sampler
from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.sweep.random_points import untried_point
from tests import toy_task
from tests.toy_task import DEPTH, NORM, POOLING

optuna.logging.set_verbosity(optuna.logging.WARNING)

RATE = Factor("rate", Range(0.001, 1.0, log=True))
WIDTH = Factor("width", Range(8, 64, step=8))


def sweep(*factors: Factor, sampler: Sampler = "tpe", seed: int = 0, **changes: Any) -> SearchSpace:
    return toy_task.space(*factors, design=Design("sweep", seed, 40, sampler, "none"), **changes)


def test_what_was_not_tried_is_found_to_the_last_point() -> None:
    space = sweep(Factor("depth", (3, 8)), POOLING, NORM)
    keys: list[str] = []
    while (new := untried_point(space, excluded=keys, history=len(keys))) is not None:
        keys.append(new.key)
    # Two of the twelve points, depth 8 with a flat map, are refused by the task.
    assert len(set(keys)) == len(keys) == 10


def test_a_range_of_whole_numbers_is_exhausted_too() -> None:
    space = sweep(WIDTH)
    keys: set[str] = set()
    widths = []
    while (new := untried_point(space, excluded=keys, history=len(keys))) is not None:
        keys.add(new.key)
        widths.append(new.settings["width"])
    assert sorted(map(int, widths)) == list(range(8, 65, 8))
    assert all(type(width) is int for width in widths)
    assert widths != sorted(map(int, widths))


def test_the_next_unseen_point_depends_on_seed_and_history_alone() -> None:
    space, other = sweep(DEPTH, RATE), sweep(DEPTH, RATE, seed=1)
    first = untried_point(space, excluded=(), history=5)
    random.seed(0)
    assert untried_point(space, excluded=(), history=5) == first
    assert untried_point(space, excluded=(), history=6) != first
    assert untried_point(other, excluded=(), history=5) != first


@pytest.mark.parametrize(
    "levels",
    [
        Range(0.001, 1.0, log=True),
        Range(0.0001, 0.3),
        Range(0.0, 0.6, step=0.1),
        Range(0.1, 0.7, step=0.2),
    ],
)
def test_what_is_drawn_lies_in_its_range(levels: Range) -> None:
    space = sweep(Factor("rate", levels), Factor("width", Range(1, 2**40)))
    drawn = [untried_point(space, excluded=(), history=number) for number in range(40)]
    rates = [config.settings["rate"] for config in drawn if config is not None]
    assert len(rates) == 40
    assert all(rate in levels for rate in rates)
    assert len(set(rates)) >= min(levels.size or 40, 4)


def test_a_logarithmic_range_of_whole_numbers_is_drawn_by_magnitude() -> None:
    space = sweep(Factor("width", Range(1, 2**40, log=True)))
    drawn = [untried_point(space, excluded=(), history=number) for number in range(60)]
    levels = [config.settings["width"] for config in drawn if config is not None]
    widths = [level for level in levels if isinstance(level, int)]
    assert len(widths) == 60
    assert 10 <= sum(width < 2**20 for width in widths) <= 50


def test_a_narrow_logarithmic_range_is_not_left() -> None:
    narrow = [(low, math.nextafter(low, 1)) for low in (n / 1_000 for n in range(100, 200))]
    for low, high in narrow:
        space = sweep(Factor("rate", Range(low, high, log=True)), baseline={**toy_task.space().baseline, "rate": low})
        config = untried_point(space, excluded=(), history=0)
        assert config is not None
        assert low <= config.settings["rate"] <= high  # type: ignore[operator]
