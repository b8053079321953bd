"""Which cells a study consists of."""

import itertools
import time
from dataclasses import replace

import pytest

from study.space.design import Confirm, Design, Kind
from study.space.factor import Factor, Range
from study.space.points import count_cells, count_compared, count_points, listed_cells, listed_points
from study.space.search_space import SearchSpace
from tests import toy_task
from tests.toy_task import DEPTH, NORM, POOLING

RATE = Factor("rate", Range(0.01, 1.0))
ENUMERATED: list[Kind] = ["ablation", "grid"]


def many(factors: int, levels: int) -> SearchSpace:
    """A grid of levels ** factors points, of settings that the toy does not have."""
    names = [f"setting_{number}" for number in range(factors)]
    baseline = dict.fromkeys(names, 0)
    grid = tuple(Factor(name, tuple(range(levels))) for name in names)
    return toy_task.space(*grid, kind="grid", baseline=baseline, defaults=baseline, seeds=(0,))


def test_an_ablation_is_the_baseline_and_one_change_at_a_time() -> None:
    space = toy_task.space(DEPTH, POOLING, NORM)
    assert list(listed_points(space)) == [
        {},
        {"depth": 1},
        {"depth": 5},
        {"pooling": "mean"},
        {"pooling": "flat"},
        {"norm": False},
    ]
    assert count_points(space) == 6


def test_a_dose_is_the_levels_of_its_factor() -> None:
    space = toy_task.space(Factor("depth", (1, 2, 3, 4)), kind="dose")
    assert list(listed_points(space)) == [{}, {"depth": 1}, {"depth": 2}, {"depth": 4}]
    assert count_points(space) == 4


def test_a_grid_is_every_combination_named_by_its_changes() -> None:
    space = toy_task.space(Factor("depth", (1, 3)), POOLING, kind="grid")
    assert list(listed_points(space)) == [
        {},
        {"pooling": "mean"},
        {"pooling": "flat"},
        {"depth": 1},
        {"depth": 1, "pooling": "mean"},
        {"depth": 1, "pooling": "flat"},
    ]
    assert count_points(space) == 6


def test_of_a_sweep_only_the_baseline_is_known() -> None:
    space = toy_task.space(DEPTH, RATE, design=Design("sweep", trials=40))
    assert list(listed_points(space)) == [{}]
    assert count_points(space) == 40


@pytest.mark.parametrize("kind", ENUMERATED)
def test_every_point_is_there_once_with_the_baseline_first_wherever_it_stands(kind: Kind) -> None:
    space = toy_task.space(Factor("depth", (9, 1, 3)), Factor("norm", (False, True)), POOLING, kind=kind)
    keys = [space.config(point, seed=0).key for point in listed_points(space)]
    assert keys[0] == space.config({}, seed=0).key
    assert len(set(keys)) == len(keys) == count_points(space)


@pytest.mark.parametrize("kind", ENUMERATED)
def test_cells_are_every_point_on_the_first_seed_and_then_on_the_next(kind: Kind) -> None:
    space = toy_task.space(DEPTH, NORM, kind=kind, seeds=(7, 3))
    cells, points = list(listed_cells(space)), count_points(space)
    assert [cell.seed for cell in cells] == [7] * points + [3] * points
    assert [cell.settings for cell in cells[:points]] == [cell.settings for cell in cells[points:]]
    assert cells[0] == space.config({}, seed=7)
    assert len({cell.key for cell in cells}) == len(cells) == count_cells(space)


def test_the_examples_of_a_trial_may_vary() -> None:
    space = toy_task.space(Factor("train_examples", (10, 100, 1_000)), kind="dose", seeds=(0,))
    assert [cell.fidelity.train_examples for cell in listed_cells(space)] == [1_000, 10, 100]


def test_a_sweep_counts_its_search_and_its_confirmation() -> None:
    space = toy_task.space(RATE, design=Design("sweep", trials=40, confirm=Confirm(top=3, seeds=5)))
    assert count_cells(space) == 40 + (3 + 1) * 5


def test_a_sweep_has_no_more_points_than_there_are() -> None:
    few = toy_task.space(DEPTH, NORM, design=Design("sweep", trials=40, confirm=Confirm(top=3, seeds=5)))
    assert count_points(few) == 3 * 2
    assert count_cells(few) == 6 + 4 * 5
    whole = toy_task.space(Factor("depth", Range(1, 9, step=2)), design=Design("sweep", trials=40))
    assert count_points(whole) == 5


@pytest.mark.parametrize(("trials", "points"), [(1, 1), (2, 2), (3, 3), (9, 4)])
def test_no_more_points_are_confirmed_than_were_tried(trials: int, points: int) -> None:
    space = toy_task.space(RATE, design=Design("sweep", trials=trials, confirm=Confirm(top=3, seeds=2)))
    assert count_cells(space) == trials + points * 2


def test_a_grid_without_end_is_counted_and_begun_at_once() -> None:
    begin = time.process_time()
    space = many(factors=24, levels=10)
    assert count_cells(space) == 10**24
    assert list(itertools.islice(listed_points(space), 3)) == [{}, {"setting_23": 1}, {"setting_23": 2}]
    assert next(listed_cells(space)).settings == space.baseline
    assert time.process_time() - begin < 0.2


def test_a_grids_nuisance_factors_make_no_variants() -> None:
    space = toy_task.space(DEPTH, NORM, POOLING, kind="grid")
    assert count_compared(space) == count_points(space) - 1
    assert count_compared(replace(space, nuisance=(DEPTH.name,))) == (NORM.size or 0) * (POOLING.size or 0) - 1


def test_a_large_grid_counts_as_many_as_it_lists() -> None:
    space = many(factors=4, levels=9)
    assert count_points(space) == 9**4 == sum(1 for _ in listed_points(space))


CONDITIONS = {
    "one": ([POOLING, Factor("width", (8, 16, 32), when={"pooling": ("flat",)})], 2 + 3),
    "several levels": ([POOLING, Factor("width", (8, 16, 32), when={"pooling": ("flat", "mean")})], 1 + 2 * 3),
    "two factors": ([POOLING, NORM, Factor("width", (8, 16), when={"pooling": ("max",), "norm": (True,)})], 5 + 2),
    "the one before": ([Factor("width", (8, 16), when={"norm": (False,)}), NORM, DEPTH], 3 * (1 + 2)),
    "two that depend": (
        [
            POOLING,
            Factor("width", (8, 16), when={"pooling": ("max",)}),
            Factor("rate", (0.1, 1.0), when={"pooling": ("flat",)}),
            DEPTH,
        ],
        3 * (2 + 1 + 2),
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_what_does_not_exist_makes_no_points_and_is_not_counted(name: str) -> None:
    factors, count = CONDITIONS[name]
    space = toy_task.space(*factors, kind="grid", seeds=(0,))
    points = list(listed_points(space))
    assert points[0] == {}
    assert all(space.existing(point) == point for point in points)
    assert len({cell.key for cell in listed_cells(space)}) == len(points) == count_cells(space) == count
    whole = toy_task.space(*(replace(factor, when={}) for factor in factors), kind="grid")
    assert {frozenset(space.existing(point).items()) for point in listed_points(whole)} == {
        frozenset(point.items()) for point in points
    }
    assert count_points(toy_task.space(*factors, design=Design("sweep", trials=1_000))) == count


def test_an_ablation_varies_what_exists_at_the_baseline() -> None:
    space = toy_task.space(POOLING, Factor("width", (8, 16), when={"pooling": ("max",)}))
    assert list(listed_points(space)) == [{}, {"pooling": "mean"}, {"pooling": "flat"}, {"width": 8}]


def test_levels_that_no_condition_names_are_counted_at_once() -> None:
    deciding = [Factor(f"setting_{number}", tuple(range(1_000))) for number in range(4)]
    baseline = dict.fromkeys([*(factor.name for factor in deciding), "last"], 0)
    last = Factor("last", (0, 1), when={factor.name: (0, 1) for factor in deciding})
    space = toy_task.space(*deciding, last, kind="grid", baseline=baseline, defaults=baseline, seeds=(0,))
    assert count_cells(space) == 1_000**4 + 2**4
