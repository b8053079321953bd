"""One data set in a folder: what is written is read, and nothing else."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data import dataset
from study.data.dataset import MANIFEST, DamageError
from study.data.nest import map_nest
from study.task import Splits

ABOUT = {"task": "ramp", "version": 1, "settings": {}}
SPLITS: Splits = {
    "pool": (np.arange(12, dtype=np.int64).reshape(6, 2), np.arange(6) > 2),
    "validation": (np.arange(4, dtype=np.int64).reshape(2, 2), np.array([True, False])),
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


FINGERPRINT = "8a19f077854ae78c52bf5a8a62ff6dfe0f09f3076dc6ed0847c1621af9f11214"


def test_one_array_of_inputs_and_one_of_targets_keep_the_names_and_the_fingerprint_that_they_always_had(
    folder: Path,
) -> None:
    manifest = dataset.read_manifest(folder)
    assert list(manifest["files"]) == [f"{s}.{p}.npy" for s in ("pool", "validation") for p in ("inputs", "targets")]
    assert manifest.keys() == {*ABOUT, "counts", "files", "versions", "seconds"}
    assert dataset.read(folder, about=ABOUT).fingerprint == FINGERPRINT


NESTED: Splits = {
    "pool": ({"age": np.arange(6), "text": np.array(["a", "b"] * 3)}, [np.arange(6) > 2, None], np.ones(6, "f4")),
    "validation": ({"age": np.arange(2), "text": np.array(["a", "b"])}, [np.array([True, False]), None]),
    "test": ({"age": np.arange(3), "text": np.array(["a", "b", "c"])},),
}


def written(folder: Path, splits: Splits, **more: Any) -> dataset.Dataset:
    folder.mkdir()
    dataset.write(folder, splits, ABOUT, started=0.0, **more)
    return dataset.read(folder, about=ABOUT)


def test_structures_are_read_as_they_were_written_with_a_file_for_each_array(tmp_path: Path) -> None:
    data = written(tmp_path / "nested", NESTED)
    assert data.counts == {"pool": 6, "validation": 2, "test": 3}
    values = map_nest(lambda array: np.asarray(array).tolist(), dict(data.splits))
    assert values == map_nest(lambda array: array.tolist(), NESTED)
    assert sorted(path.name for path in data.folder.iterdir()) == [
        "manifest.json",
        *("pool.inputs.0.npy", "pool.inputs.1.npy", "pool.sample_weight.npy", "pool.targets.0.npy"),
        *("test.inputs.0.npy", "test.inputs.1.npy"),
        *("validation.inputs.0.npy", "validation.inputs.1.npy", "validation.targets.0.npy"),
    ]


def test_names_structure_and_class_weights_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    a, b = np.arange(3), np.arange(3) + 1
    ways: list[Any] = [{"x": a, "y": b}, {"y": a, "x": b}, {"x": a, "z": b}, [a, b], (a, b)]
    made = [written(tmp_path / str(n), {"pool": (way, a), "validation": (way, a)}) for n, way in enumerate(ways)]
    plain: Splits = {"pool": (a, b), "validation": (a, b)}
    made += [written(tmp_path / f"weights-{n}", plain, class_weight=w) for n, w in enumerate([{}, {0: 2.0}, {1: 2.0}])]
    assert len({data.fingerprint for data in made}) == len(made)
    assert [dict(data.class_weight) for data in made[-3:]] == [{}, {0: 2.0}, {1: 2.0}]
