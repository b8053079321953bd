"""Texts of different lengths keep every letter, and long ones cost the others nothing."""

from pathlib import Path

import numpy as np
import pytest

from study.data.packed_texts import PackedTexts
from study.data.stored_array import load, save

TEXTS = np.array(["", "a", "größer", "日本語", "x" * 1_000, "ends in a NUL\0"], object)
BYTES = np.array([b"", b"a", b"\xff\x00\xd8", b"jpeg\0\0"], object)


@pytest.mark.parametrize("array", [TEXTS, TEXTS.reshape(2, 3), TEXTS.reshape(6, 1, 1), BYTES])
def test_every_text_is_read_as_it_was_written(array: np.ndarray, tmp_path: Path) -> None:
    texts = load(tmp_path / "a.npy", save(tmp_path / "a.npy", array))
    assert isinstance(texts, PackedTexts)
    assert (texts.shape, texts.dtype, len(texts)) == (array.shape, np.dtype(object), len(array))
    assert np.asarray(texts).tolist() == array.tolist()
    for which in (slice(1, 2), slice(None, 2), slice(1, None), slice(2, 1), np.array([1, 0, -1]), np.array([], int)):
        assert np.asarray(texts[which]).tolist() == array[which].tolist()
        assert len(texts[which]) == len(array[which])


def test_one_long_text_costs_the_others_no_room(tmp_path: Path) -> None:
    texts = np.array(["short"] * 999 + ["x" * 10_000], object)
    save(tmp_path / "a.npy", texts)
    assert (tmp_path / "a.npy").stat().st_size < 25_000
    assert PackedTexts.pack(texts).nbytes < 40_000 < texts.astype(str).nbytes / 100
    assert PackedTexts.pack(texts)[:10].nbytes == 10 * (5 + 24)
