"""A checkpoint is whole and of this trial, or it counts as none."""

import hashlib
import io
import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from study.training import checkpoint


class Variable:
    """As much of a Keras variable as a checkpoint needs."""

    def __init__(self, value: Any) -> None:
        self.value = np.asarray(value, np.float32)
        self.shape = self.value.shape

    def assign(self, value: Any) -> None:
        self.value = value


def model() -> Any:
    optimizer = SimpleNamespace(build=lambda variables: None, variables=[Variable([0.0, 0.0, 0.0])])
    return SimpleNamespace(variables=[Variable([[0.0, 0.0]])], trainable_variables=[], optimizer=optimizer)


def file(key: str = "this") -> bytes:
    about = json.dumps({"key": key, "curve": [{"loss": 0.5}], "seconds": 2.0}).encode()
    arrays = {"variable_0": np.ones((1, 2), np.float32), "variable_1": np.full(3, 2, np.float32)}
    made = io.BytesIO()
    np.savez(made, allow_pickle=False, about=np.frombuffer(about, np.uint8), **arrays)
    return hashlib.sha256(made.getvalue()).digest() + made.getvalue()


def restored(content: bytes, folder: Path, into: Any) -> tuple[Any, float]:
    (folder / "checkpoint.npz").write_bytes(content)
    return checkpoint.restore(folder / "checkpoint.npz", into, key="this")


def test_a_whole_one_puts_every_variable_back(tmp_path: Path) -> None:
    into = model()
    assert restored(file(), tmp_path, into) == ([{"loss": 0.5}], 2.0)
    assert into.variables[0].value.tolist() == [[1.0, 1.0]]
    assert into.optimizer.variables[0].value.tolist() == [2.0, 2.0, 2.0]


def test_none_and_another_trial_s_count_as_none(tmp_path: Path) -> None:
    assert checkpoint.restore(tmp_path / "checkpoint.npz", model(), key="this") == ([], 0.0)
    assert restored(file(key="other"), tmp_path, model()) == ([], 0.0)
    larger = model()
    larger.variables.append(Variable([1.0]))
    assert restored(file(), tmp_path, larger) == ([], 0.0)


def test_a_damaged_one_counts_as_none_and_touches_nothing(tmp_path: Path) -> None:
    chance, whole = random.Random(0), file()
    for _ in range(200):
        cut = bytearray(whole[: chance.randrange(len(whole))])
        into = model()
        assert restored(bytes(cut), tmp_path, into) == ([], 0.0)
        assert into.variables[0].value.tolist() == [[0.0, 0.0]]


def test_a_flipped_bit_is_never_taken_for_a_number(tmp_path: Path) -> None:
    chance, whole = random.Random(0), file()
    for _ in range(200):
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        assert restored(bytes(flipped), tmp_path, model()) == ([], 0.0)
