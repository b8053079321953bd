"""Windows over a series are kept as the series."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from study.data.stored_array import load, save
from study.data.windows import Windows

SERIES = np.random.default_rng(0).random((100, 3), np.float32)


def windows(length: int = 12, **axis: Any) -> np.ndarray:
    """(windows, steps, values), as a recurrent layer takes them."""
    return sliding_window_view(SERIES, length, axis=0).swapaxes(1, 2)


WAYS: dict[str, Callable[[], np.ndarray]] = {
    "the steps before the values": windows,
    "the values before the steps": lambda: sliding_window_view(SERIES, 12, axis=0),
    "one value": lambda: sliding_window_view(SERIES[:, 0], 7),
    "one value of a contiguous series": lambda: sliding_window_view(SERIES[:, 0].copy(), 7),
    "every third window": lambda: windows()[::3],
    "every second step": lambda: windows()[:, ::2],
    "two of the values": lambda: windows()[:, :, :2],
    "from the middle": lambda: windows()[20:50],
    "the same example everywhere": lambda: np.broadcast_to(SERIES[:2], (50, 2, 3)),
    "images in patches": lambda: sliding_window_view(SERIES, (5, 2)).reshape(-1, 2, 5, 2)[:, 0],
}


@pytest.mark.parametrize("way", WAYS)
def test_every_window_is_read_as_it_was_written(way: str, tmp_path: Path) -> None:
    array = WAYS[way]()
    stored = load(tmp_path / "a.npy", save(tmp_path / "a.npy", array))
    assert np.array_equal(np.asarray(stored), array)
    assert (stored.shape, stored.dtype, len(stored)) == (array.shape, array.dtype, len(array))
    for which in (slice(2, 9), slice(5), slice(3, None), slice(9, 2), np.array([3, 0, 7]), np.array([], int)):
        assert np.array_equal(np.asarray(stored[which]), array[which])
    part = stored[4:]
    assert np.array_equal(np.asarray(part[np.arange(3)]), array[4:7])


@pytest.mark.parametrize("way", [way for way in WAYS if "images" not in way])
def test_blocks_and_offsets_lead_to_every_number(way: str) -> None:
    found = Windows.find(WAYS[way]())
    assert found is not None
    for part in (found, found[3:]):
        rows = np.arange(len(part))
        gathered = part.blocks[rows[:, None] * part.step + part.offsets]
        assert np.array_equal(gathered.reshape(part.shape), np.asarray(part))


def test_the_file_is_as_large_as_the_series(tmp_path: Path) -> None:
    save(tmp_path / "a.npy", windows(50))
    assert (tmp_path / "a.npy").stat().st_size == SERIES.nbytes + 128
    found = Windows.find(windows(50))
    assert found is not None
    assert found.nbytes == SERIES.nbytes
    assert (found.block, found.step, len(found.offsets)) == (3, 1, 50)


@pytest.mark.parametrize("array", [SERIES, SERIES[::-1], SERIES.T, SERIES[:, :2], SERIES[:0], SERIES[::2], SERIES[:1]])
def test_other_arrays_are_no_windows(array: np.ndarray) -> None:
    assert Windows.find(array) is None
