"""A nest of arrays as one file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ml_dtypes import bfloat16

from study.data.nest import leaves, map_nest
from study.data.nest_file import read_nest, storable, write_arrays, write_nest

NESTS: list[Any] = [
    np.arange(6).reshape(2, 3),
    {"file": np.ones(2), "a/b": (np.zeros((2, 1), bool), [np.array(["é", "bc"])]), "a": {"b": np.ones(2)}},
    [np.ones(2), (np.zeros(2, np.uint8),)],
]


@pytest.mark.parametrize("nest", NESTS)
def test_a_nest_is_read_as_it_was_written(nest: Any, tmp_path: Path) -> None:
    write_nest(tmp_path / "nest.npz", nest)
    again = read_nest(tmp_path / "nest.npz")
    assert map_nest(lambda _: None, again) == map_nest(lambda _: None, nest)
    for one, other in zip(leaves(again), leaves(nest), strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def test_what_numpy_cannot_write_becomes_what_it_can() -> None:
    assert storable(np.ones(2, bfloat16)).dtype == np.float32
    assert storable(np.array([b"a", b"bc"], object)).tolist() == [b"a", b"bc"]
    assert storable(np.array(["é", "bc"], object)).tolist() == ["é", "bc"]
    assert storable(np.array(["é"])).dtype.kind == "U"


def test_an_array_may_have_any_name(tmp_path: Path) -> None:
    arrays = {name: np.array(number) for number, name in enumerate(("file", "allow_pickle", "a/b", "../c", " "))}
    write_arrays(tmp_path / "arrays.npz", arrays)
    with np.load(tmp_path / "arrays.npz") as saved:
        assert {name: int(saved[name]) for name in saved.files} == {name: int(array) for name, array in arrays.items()}
