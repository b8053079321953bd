"""Examples that are sorted by their class, of which the last ones validate."""

from typing import Any

import numpy as np
import pytest

from study.data.one_class import one_class

X = np.zeros((6, 2))
SORTED = np.array([1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("targets", [SORTED, SORTED[:, None], SORTED.astype(bool), SORTED.astype("uint8")])
def test_a_single_class_is_named_with_the_way_out(targets: Any) -> None:
    line = one_class((X, targets), (X[4:], targets[4:]))
    assert line in (
        "all of 'validation' is of class 0, and 'pool' has 2 classes: shuffle the examples in data(), or return a "
        "'validation'",
        "all of 'validation' is of class False, and 'pool' has 2 classes: shuffle the examples in data(), or return a "
        "'validation'",
    )


@pytest.mark.parametrize(
    ("pool", "validation"),
    [
        ((X, SORTED), (X[2:4], SORTED[2:4])),
        ((X[3:], SORTED[3:]), (X[4:], SORTED[4:])),
        ((X, SORTED + 0.5), (X[4:], SORTED[4:] + 0.5)),
        ((X, {"a": SORTED}), (X[4:], {"a": SORTED[4:]})),
        ((X, np.eye(2)[SORTED]), (X[4:], np.eye(2)[SORTED[4:]])),
        ((X,), (X[4:],)),
    ],
)
def test_what_is_no_such_case_is_left_alone(pool: Any, validation: Any) -> None:
    assert one_class(pool, validation) == ""
