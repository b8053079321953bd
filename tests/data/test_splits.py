"""The rules for the data that a task makes."""

from typing import Any

import numpy as np
import pytest

from study.data.splits import splits_problem

A = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("splits", "complaint"),
    [
        ([A, A], "must be a mapping of splits, not list"),
        ({"pool": (A, A)}, "lacks 'validation'"),
        ({"pool": (A, A), "validation": (A, A), "tset": (A, A)}, "'tset' is not one of"),
        ({"pool": (A, A), "validation": A}, "'validation' must be two NumPy arrays"),
        ({"pool": (A, A), "validation": (A, [1, 2, 3])}, "arrays, (inputs, targets), not (ndarray, list); a"),
        ({"pool": ({"image": A, "extra": A}, A), "validation": (A, A)}, "not (a dict of 'image', 'extra', ndarray); a"),
        (
            {"pool": (A, A, A), "validation": (A, A)},
            "not (ndarray, ndarray, ndarray); a task has one input,",
        ),
        ({"pool": (A, A.astype(object)), "validation": (A, A)}, "must hold numbers, the examples along the first axis"),
        (
            {"pool": (A, A.astype(object)), "validation": (A, A)},
            "float64 of shape (3, 2), object of shape (3, 2); ",
        ),
        ({"pool": (A, A[:2]), "validation": (A, A)}, "'pool' has 3 inputs and 2 targets"),
        ({"pool": (A, A), "validation": (A[:0], A[:0])}, "'validation' is empty"),
    ],
)
def test_each_broken_rule_is_named(splits: Any, complaint: str) -> None:
    assert complaint in str(splits_problem(splits))


def test_whole_data_break_no_rule() -> None:
    assert splits_problem({"pool": (A, A), "validation": (A, A)}) is None
    assert splits_problem({"pool": (A, A), "validation": (A, A), "test": (A[:1], A[:1])}) is None
