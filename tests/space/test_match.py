"""A study whose points are equally large: its points, its keys, what a store keeps."""

from dataclasses import replace

from study.space.design import Design
from study.space.match import Match
from study.space.points import asked_points, count_cells, listed_cells, listed_points
from study.space.revision import changes, revision
from study.space.search_space import SearchSpace
from tests.toy_task import DEPTH, POOLING, space

SIZES = {"baseline": 100, "depth=1": 102, "depth=5": 99}
MATCH = Match("width", "parameters", 0.02, {"depth=1": 40, "depth=5": 12}, SIZES)
PLAIN = space(DEPTH)
MATCHED = replace(PLAIN, match=MATCH)


def test_each_point_has_the_level_that_was_chosen_for_it() -> None:
    assert list(listed_points(MATCHED)) == [{}, {"depth": 1, "width": 40}, {"depth": 5, "width": 12}]
    assert list(asked_points(MATCHED)) == list(listed_points(PLAIN)) == list(asked_points(PLAIN))
    assert count_cells(MATCHED) == count_cells(PLAIN) == len(list(listed_cells(MATCHED)))


def test_keys_are_those_of_the_chosen_levels() -> None:
    wide = MATCHED.config({"depth": 1, "width": 40}, seed=2)
    assert wide.key in {config.key for config in listed_cells(MATCHED)}
    assert {config.key for config in listed_cells(MATCHED)} & {config.key for config in listed_cells(PLAIN)} == {
        PLAIN.config({}, seed=seed).key for seed in PLAIN.seeds
    }


def test_points_of_several_factors_are_looked_up_by_their_label() -> None:
    grid = space(DEPTH, POOLING, design=Design("grid"))
    levels = {label: turn for turn, label in enumerate(["depth=1", "pooling=mean", "depth=1 pooling=mean"], start=30)}
    points = list(listed_points(replace(grid, match=Match("width", "flops", 0.1, levels))))
    assert {"depth": 1, "pooling": "mean", "width": 32} in points
    assert {"depth": 1, "width": 30} in points


def test_a_store_keeps_what_was_chosen() -> None:
    assert SearchSpace.from_json(MATCHED.to_json()) == MATCHED
    assert "match" not in PLAIN.to_json()


def test_equal_size_decides_conclusions_and_no_result() -> None:
    assert list(changes(PLAIN, MATCHED)) == []
    assert revision(PLAIN, MATCHED, results=3) == "after 3 results: equal size none → parameters by width within 0.02"
    assert revision(PLAIN, PLAIN, results=3) == ""


def test_sizes_are_told_beside_the_baselines() -> None:
    assert MATCH.size_in_words("baseline") == "100 parameters"
    assert MATCH.size_in_words("depth=1") == "102 parameters, +2.0 %"
    assert MATCH.size_in_words("depth=5") == "99 parameters, −1.0 %"
