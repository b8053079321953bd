"""One data set in a folder: what is written is read, and nothing else."""

import json
import math
import time
from pathlib import Path

import numpy as np
import pytest

from study.data import dataset
from study.data.dataset import MANIFEST, DamageError, PackedBools
from study.task import Splits

ABOUT = {"task": "ramp", "version": 1, "settings": {}}
SPLITS: Splits = {
    "pool": (np.arange(12).reshape(6, 2), np.arange(6) > 2),
    "validation": (np.arange(4).reshape(2, 2), np.array([True, False])),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dataset.write(tmp_path, SPLITS, ABOUT, started=time.monotonic())
    return tmp_path


def test_what_is_written_is_read(folder: Path) -> None:
    data = dataset.read(folder, about=ABOUT)
    assert data.counts == {"pool": 6, "validation": 2}
    for split, arrays in SPLITS.items():
        for stored, array in zip(data.splits[split], arrays, strict=True):
            assert stored.dtype == array.dtype
            assert np.array_equal(np.asarray(stored), array)
    assert data.facts() == {
        "name": folder.name,
        "fingerprint": data.fingerprint,
        "counts": {"pool": 6, "validation": 2},
    }


def test_a_data_set_about_something_else_is_refused(folder: Path) -> None:
    with pytest.raises(DamageError, match="belongs to another data set"):
        dataset.read(folder, about={**ABOUT, "version": 2})


def test_a_manifest_that_was_edited_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "seconds": 0}))
    with pytest.raises(DamageError, match=r"manifest\.json is not as it was written"):
        dataset.read_manifest(folder)
    (folder / MANIFEST).unlink()
    with pytest.raises(DamageError, match=r"there is no manifest\.json"):
        dataset.read_manifest(folder)


def test_a_file_that_changed_is_named(folder: Path) -> None:
    path = folder / "validation.targets.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamageError, match=r"validation\.targets\.npy is not as it was written"):
        dataset.check_files(folder, dataset.read_manifest(folder))


@pytest.mark.parametrize("shape", [(), (3,), (21, 21, 1)])
def test_truth_values_are_kept_as_bits(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((40, *shape)) < 0.5
    labels = np.arange(40)
    dataset.write(tmp_path, {"pool": (values, labels)}, ABOUT, started=0.0)
    bits, numbers = dataset.read(tmp_path, about=ABOUT).splits["pool"]
    assert isinstance(bits, PackedBools)
    assert (bits.shape, len(bits)) == (values.shape, 40)
    assert bits.packed.shape == (40, -(-math.prod(shape) // 8))
    assert bits.nbytes == values.nbytes
    for which in (slice(None), slice(3, 9), np.array([5, 0, 39]), np.array([], int)):
        taken = np.asarray(bits[which])
        assert taken.dtype == bits.dtype == bool
        assert np.array_equal(taken, values[which])
        assert np.array_equal(numbers[which], labels[which])
