"""A file of arrays is whole and of this trial, or it counts as none."""

import hashlib
import io
import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from study.training import checkpoint
from study.training.checkpoint import Saved

ARRAYS = [np.ones((1, 2), np.float32), np.full(3, 2, np.float32)]


def file() -> bytes:
    """A file as the first version wrote it."""
    about = json.dumps({"key": "this", "seconds": 2.0}).encode()
    arrays = {f"variable_{number}": array for number, array in enumerate(ARRAYS)}
    made = io.BytesIO()
    np.savez(made, allow_pickle=False, about=np.frombuffer(about, np.uint8), **arrays)
    return hashlib.sha256(made.getvalue()).digest() + made.getvalue()


def read(content: bytes, folder: Path, *, key: str = "this") -> Saved | None:
    (folder / "checkpoint.npz").write_bytes(content)
    return checkpoint.read(folder / "checkpoint.npz", key=key)


def test_a_whole_one_is_read_also_if_an_older_version_wrote_it(tmp_path: Path) -> None:
    saved = read(file(), tmp_path)
    assert saved is not None
    assert saved.about["seconds"] == 2.0
    assert [array.tolist() for array in saved.arrays] == [[[1.0, 1.0]], [2.0, 2.0, 2.0]]


def test_what_is_written_comes_back_with_its_types(tmp_path: Path) -> None:
    half = keras.ops.convert_to_numpy(keras.ops.cast([1.5, 2.0], "bfloat16"))
    arrays = [half, half.reshape(2, 1)[0, 0:1].reshape(()), np.array(["a", "bc"]), np.array(True), np.eye(2)]
    checkpoint.write(tmp_path / "file", Saved(arrays, {"curve": [{"loss": 0.1}]}), key="this")
    saved = checkpoint.read(tmp_path / "file", key="this")
    assert saved is not None
    assert saved.about["curve"] == [{"loss": 0.1}]
    for array, back in zip(arrays, saved.arrays, strict=True):
        assert (array.dtype, array.shape, array.tobytes()) == (back.dtype, back.shape, back.tobytes())


def test_none_and_another_trial_s_count_as_none(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path / "checkpoint.npz", key="this") is None
    assert read(file(), tmp_path, key="other") is None


def test_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    chance, whole = random.Random(0), file()
    for _ in range(200):
        cut = bytearray(whole[: chance.randrange(len(whole))])
        assert read(bytes(cut), tmp_path) is None
        assert not checkpoint.is_whole(tmp_path / "checkpoint.npz")


def test_a_flipped_bit_is_never_taken_for_a_number(tmp_path: Path) -> None:
    chance, whole = random.Random(0), file()
    for _ in range(200):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        assert read(bytes(flipped), tmp_path) is None


def test_weights_are_given_to_a_model_only_if_all_of_them_fit() -> None:
    model: Any = SimpleNamespace(weights=[keras.Variable(np.zeros((1, 2))), keras.Variable(np.zeros(3))])
    assert not checkpoint.give_weights(model, [*ARRAYS, ARRAYS[0]])
    assert not checkpoint.give_weights(model, [ARRAYS[0], np.ones(4)])
    assert not np.asarray(model.weights[0]).any()
    assert checkpoint.give_weights(model, ARRAYS)
    assert np.asarray(model.weights[1]).tolist() == [2.0, 2.0, 2.0]


def test_the_facts_are_read_without_the_arrays_and_a_damaged_file_has_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    checkpoint.write(path, Saved(ARRAYS, {"curve": [{"loss": 0.5}]}), key="cell-code")
    assert checkpoint.read_facts(path, key="cell")["curve"] == [{"loss": 0.5}]
    assert checkpoint.read_facts(path, key="other") == {}
    assert checkpoint.read_facts(tmp_path / "none", key="cell") == {}
    whole, draw = path.read_bytes(), random.Random(0)
    for _ in range(100):
        content = bytearray(whole[: draw.randrange(len(whole))] if draw.random() < 0.5 else whole)
        for place in draw.sample(range(len(content)), k=min(3, len(content))):
            content[place] = draw.randrange(256)
        path.write_bytes(content)
        assert set(checkpoint.read_facts(path, key="cell")) <= {"curve", "key"}
