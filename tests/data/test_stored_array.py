"""One array in one file: what is written is read, and only what is asked for."""

import math
from pathlib import Path

import numpy as np
import pytest

from study.data.stored_array import PackedBools, load, save


@pytest.mark.parametrize("values", [np.arange(12).reshape(6, 2), np.array(["a", "bcd"]), np.array([b"a", b"\xff"])])
def test_an_array_is_mapped_as_it_was(values: np.ndarray, tmp_path: Path) -> None:
    about = save(tmp_path / "a.npy", values)
    assert about == {}
    array = load(tmp_path / "a.npy", about)
    assert isinstance(array, np.memmap)
    assert array.dtype == values.dtype
    assert np.array_equal(array, values)


@pytest.mark.parametrize("shape", [(), (3,), (21, 21, 1)])
def test_truth_values_are_kept_as_bits(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((40, *shape)) < 0.5
    bits = load(tmp_path / "a.npy", save(tmp_path / "a.npy", values))
    assert isinstance(bits, PackedBools)
    assert (bits.shape, len(bits)) == (values.shape, 40)
    assert bits.packed.shape == (40, -(-math.prod(shape) // 8))
    assert bits.nbytes == values.nbytes
    for which in (slice(None), slice(3, 9), np.array([5, 0, 39]), np.array([], int)):
        taken = np.asarray(bits[which])
        assert taken.dtype == bits.dtype == bool
        assert np.array_equal(taken, values[which])
