"""Nests: an array, or a dict, tuple or list of nests."""

import json

import numpy as np

from study.data.nest import count, from_json, leaves, map_nest, take, to_json, with_leaves

A, B, C = np.arange(3), np.arange(3) + 10, np.arange(3) + 20
NEST = ({"b": A, "a": [B, None]}, C)


def test_every_array_is_reached_in_its_order_and_none_stays_none() -> None:
    assert [array.tolist() for array in leaves(NEST)] == [A.tolist(), B.tolist(), C.tolist()]
    assert map_nest(int, map_nest(np.sum, NEST)) == ({"b": 3, "a": [33, None]}, 63)
    assert count(NEST) == 3


def test_nests_of_one_structure_are_mapped_together() -> None:
    doubled = map_nest(lambda one, other: (one + other).tolist(), NEST, NEST)
    assert doubled == map_nest(lambda array: (2 * array).tolist(), NEST)


def test_rows_are_taken_from_each_array() -> None:
    assert map_nest(np.ndarray.tolist, take(NEST, slice(1))) == ({"b": [0], "a": [[10], None]}, [20])
    assert map_nest(np.ndarray.tolist, take(NEST, np.array([2, 0])))[1] == [22, 20]


def test_a_structure_takes_other_values() -> None:
    assert with_leaves(NEST, "xyz") == ({"b": "x", "a": ["y", None]}, "z")


def test_json_keeps_tuples_lists_and_the_order_of_names() -> None:
    names = with_leaves(NEST, ("x", "y", "z"))
    again = from_json(json.loads(json.dumps(to_json(names))))
    assert again == names
    assert list(again[0]) == ["b", "a"]
