"""The rules for the data that a task makes."""

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from study.data.splits import checked_data, splits_problem

A = np.zeros((3, 2))
W = np.ones(3)
Named = namedtuple("Named", "image age")


@pytest.mark.parametrize(
    ("splits", "complaint"),
    [
        ([A, A], "must be a dict of splits, not list; return {'pool': (x, y), "),
        (None, "must be a dict of splits, not None"),
        ({"validation": (A, A)}, "lacks 'pool', the examples for the training"),
        ({"train": (A, A)}, "'train' is not one of 'pool', 'validation', 'test'; it is called 'pool' here"),
        ({"training": (A, A)}, "'training' is not one of 'pool', 'validation', 'test'; it is called 'pool' here"),
        (
            {"pool": (A, A), "val": (A, A)},
            "'pool', 'validation', 'test'; it is called 'validation' here",
        ),
        ({"pool": [A, A]}, "not list; a list is one part with several inputs, so write (x, y) with round brackets"),
        ({"pool": (A, A), "tset": (A, A)}, "'tset' is not one of 'pool', 'validation', 'test'; did you mean 'test'?"),
        ({"pool": A}, "must be (inputs,), (inputs, targets) or (inputs, targets, sample_weight), not ndarray; a tuple"),
        ({"pool": [A] * 4}, "not list; a tuple"),
        (
            {"pool": iter([A])},
            "not list_iterator; a generator ends after one epoch; give a function of a seed that retu",
        ),
        ({"pool": ()}, "not (); several inputs"),
        ({"pool": (A, A, A, A)}, "not (ndarray, ndarray, ndarray, ndarray); several inputs or targets stand in one"),
        ({"pool": (None, A)}, "'pool' has no inputs"),
        ({"pool": ({"a": None}, A)}, "'pool' has no inputs"),
        ({"pool": ({}, A)}, "inputs of 'pool' is an empty dict"),
        ({"pool": (A, [])}, "targets of 'pool' is an empty list"),
        ({"pool": ({1: A}, A)}, "inputs of 'pool' has the name 1; the names in a dict must be texts"),
        ({"pool": (Named(A, A), A)}, "inputs of 'pool' is a named tuple, Named; give a dict, as "),
        ({"pool": (A, [1, 2, 3])}, "targets of 'pool' holds Python values, [1, 2, 3]; make an array"),
        ({"pool": ({"x": [A, {"y": 1}]}, A)}, "inputs of 'pool', 'x', number 1, 'y' holds Python values, 1; make"),
        ({"pool": (A, A.astype(object))}, "targets of 'pool' is an array of objects, among them 0.0 (float); make"),
        ({"pool": (A, A[:2])}, "'pool' has 3 inputs, 2 targets; there must be one of each for every example"),
        ({"pool": ({"x": A, "y": A[:2]}, A)}, "'pool' has 3 inputs 'x', 2 inputs 'y', 3 targets; there must be one"),
        ({"pool": (A, A, W[:2])}, "'pool' has 3 inputs, 3 targets, 2 sample_weight; there must be"),
        ({"pool": (A, {"a": A}, A)}, "sample_weight of 'pool' must hold one number for each example"),
        ({"pool": (A, A, np.array(["a"] * 3))}, "sample_weight of 'pool' must hold numbers"),
        ({"pool": (A, {"a": A, "b": A}, {"a": W})}, "must be one array, or one for each target, not {'a': array} besi"),
        ({"pool": (A, A), "validation": (A[:0], A[:0])}, "'validation' is empty"),
        ({"pool": (A, A), "validation": (A,)}, "'validation' must have targets like 'pool': array, not None"),
        ({"pool": ({"x": A}, A), "test": (A, A)}, "'test' must have inputs like 'pool': {'x': array}, not array"),
        ({"pool": (A[:1], A[:1])}, "it lacks 'validation', and 'pool' has too few examples to divide: 1"),
        ({"pool": (A, W), "class_weight": W}, "must be a dict from class to weight, not ndarray; dict(enumerate(…))"),
        ({"pool": (A, W), "class_weight": {"a": 1}}, "must map numbers of classes to finite weights, not {'a': 1}"),
        ({"pool": (A, W), "class_weight": {0: np.nan}}, "must map numbers of classes to finite weights, not {0: nan}"),
        ({"pool": (A, [W]), "class_weight": {0: 1}}, "'class_weight' needs targets in one array, one class for ea"),
        ({"pool": (A,), "class_weight": {0: 1}}, "'class_weight' needs targets in one array, one"),
    ],
)
def test_each_broken_rule_is_named(splits: Any, complaint: str) -> None:
    assert complaint in str(splits_problem(splits))


@pytest.mark.parametrize(
    "pool",
    [
        (A,),
        (A, None),
        (A, A),
        (A, None, W),
        ([A, A], {"a": W, "b": W}, {"a": W, "b": W}),
        ({"x": (A, A), "y": [A]}, [W, None], W[:, None]),
        (np.array(["a", "b", "c"], object), W),
    ],
)
def test_what_fit_takes_breaks_no_rule(pool: Any) -> None:
    assert splits_problem({"pool": pool, "validation": pool}) is None
    assert splits_problem({"pool": pool, "validation": pool, "test": pool}) is None


def test_targets_that_are_none_are_none() -> None:
    assert [len(examples) for examples in checked_data({"pool": (A, None), "validation": (A,)}).splits.values()] == [
        1,
        1,
    ]


@pytest.mark.parametrize(("total", "pool"), [(2, 1), (10, 9), (11, 9), (100, 90), (1000, 900)])
def test_without_a_validation_split_the_last_tenth_of_the_pool_is_taken_as_fit_would(total: int, pool: int) -> None:
    splits = checked_data({"pool": ({"x": np.arange(total)}, np.arange(total)), "test": ({"x": W}, W)}).splits
    assert list(splits) == ["pool", "test", "validation"]
    assert splits["pool"][0]["x"].tolist() == list(range(pool))
    assert splits["validation"][1].tolist() == list(range(pool, total))


def test_class_weights_become_numbers() -> None:
    weights = {np.int64(0): np.float32(0.5), 1: 2}
    assert checked_data({"pool": (A, W), "class_weight": weights}).class_weight == {0: 0.5, 1: 2.0}
