"""What a checkpoint keeps of Python's values comes back equal, and of the same type."""

import json
import random
from collections import deque
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.training.plain_values import NotPlainError, fill, pack, unpack

VALUES = [
    None, True, 3, 2.5, float("inf"), "text", Path("a/b"), [1, [2.0, "x"]], (1, (2,)), {"a": {1: (2.5, None)}}, {3, 4},
    frozenset("a"), deque([1, 2], 5), np.float32(0.1), np.int64(7),
]  # fmt: skip


def through_json(value: Any) -> Any:
    arrays: list[np.ndarray] = []
    return unpack(json.loads(json.dumps(pack(value, arrays))), arrays)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back(value: Any) -> None:
    back = through_json(value)
    assert back == value
    assert type(back) is type(value)


def test_arrays_and_tensors_come_back() -> None:
    back = through_json({"weights": [np.eye(2), np.array([True])], "tensor": keras.ops.ones((2,))})
    assert (back["weights"][0] == np.eye(2)).all()
    assert back["weights"][1].dtype == bool
    assert keras.ops.is_tensor(back["tensor"])


@pytest.mark.parametrize("generator", [np.random.default_rng(1), np.random.RandomState(1), random.Random(1)])
def test_a_generator_goes_on_where_it_was(generator: Any) -> None:
    def draw(one: Any) -> list[float]:
        return [one.random() for _ in range(3)]

    draw(generator)
    back = through_json(generator)
    expected = draw(generator)
    assert draw(back) == expected


@pytest.mark.parametrize("value", [object(), len, [object()], np.array([object()]), keras.Variable(1.0)])
def test_anything_else_is_not_plain(value: Any) -> None:
    with pytest.raises(NotPlainError):
        pack(value, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1], [2, 3]),
        ({"a": 1}, {"b": 2}),
        ({1}, {2}),
        (deque([1], 3), deque([2], 3)),
    ],
)
def test_a_value_that_others_share_is_filled(old: Any, new: Any) -> None:
    shared = old
    assert fill(old, new)
    assert shared == new


def test_an_array_is_filled_only_by_one_of_its_shape() -> None:
    old = np.zeros(2)
    assert fill(old, np.ones(2))
    assert old.tolist() == [1.0, 1.0]
    assert not fill(old, np.ones(3))
    assert not fill(None, [])


def test_generators_that_others_share_are_filled() -> None:
    for kind in (np.random.default_rng, np.random.RandomState, random.Random):
        old, new = kind(1), kind(2)
        assert fill(old, new)
        assert old.random() == new.random()
