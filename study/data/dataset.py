"""Writes and reads one data set in a folder. It is written whole, and read only if no byte has changed since."""

import hashlib
import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, overload

import numpy as np

from study.files import write_whole
from study.space.cell_key import digest
from study.task import Splits

Array = np.ndarray[Any, Any]
MANIFEST = "manifest.json"
REQUEST = "request"
"""In a manifest and in a result: the task, its version and the settings that were asked for, as one name.

It is the same on every machine. It is left out if the name of the data set's folder says the same.
"""
_PARTS = ("inputs", "targets")


class DamageError(Exception):
    """The folder is damaged or absent. The message says in a few words what is wrong."""


@dataclass(frozen=True)
class PackedBools:
    """An array of bool with the examples along the first axis. A byte stores eight values.

    As in NumPy, a slice is a view, and an array of indices gives a copy. The copy is an array of bool, a byte a value.
    """

    packed: Array = field(repr=False)
    """uint8 (examples, bytes)."""
    example: tuple[int, ...]
    """The shape of one example."""

    dtype = np.dtype(bool)

    def __len__(self) -> int:
        return len(self.packed)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.example

    @property
    def nbytes(self) -> int:
        """Returns how many bytes the same values take as an array of bool."""
        return math.prod(self.shape)

    @overload
    def __getitem__(self, which: slice) -> "PackedBools": ...
    @overload
    def __getitem__(self, which: Array) -> Array: ...
    def __getitem__(self, which: slice | Array) -> "PackedBools | Array":
        if isinstance(which, slice):
            return PackedBools(self.packed[which], self.example)
        values = np.unpackbits(self.packed[which], axis=1, count=math.prod(self.example))
        return values.view(bool).reshape(len(which), *self.example)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self[np.arange(len(self))].astype(dtype or bool, copy=False)

    @classmethod
    def pack(cls, array: Array) -> "PackedBools":
        """Pack an array of bool."""
        return cls(np.packbits(array.reshape(len(array), -1), axis=1), array.shape[1:])


StoredArray = Array | PackedBools
"""An array with the examples along the first axis."""
StoredExamples = tuple[StoredArray, StoredArray]
"""Inputs and targets."""


@dataclass(frozen=True)
class Dataset:
    """A data set on disk, as read-only memory maps. Two data sets are equal if their files are equal."""

    fingerprint: str
    """One SHA-256 for the whole data set, made from the SHA-256 of each file."""
    folder: Path = field(compare=False)
    counts: Mapping[str, int] = field(compare=False)
    """Examples in each split."""
    splits: Mapping[str, StoredExamples] = field(compare=False, repr=False)
    request: str = field(default="", compare=False)
    is_new: bool = field(default=False, compare=False)
    """Whether `data` of the task has just run for it in this process."""

    def facts(self) -> dict[str, Any]:
        """Returns what a trial's result records about its data set."""
        facts = {"name": self.folder.name, "fingerprint": self.fingerprint, "counts": dict(self.counts)}
        return {**facts, REQUEST: self.request} if self.request else facts


def write(
    folder: Path, splits: Splits, about: Mapping[str, object], *, started: float, packages: Iterable[str] = ()
) -> None:
    """Write a data set into an empty folder, with a manifest. `about` identifies the data set in the manifest.

    `started` is the time.monotonic() at which the task began to make the data. The manifest also records the versions
    of NumPy and of these `packages`, because they may decide the data.
    """
    files = {
        _name(split, part): _save(folder / _name(split, part), array)
        for split, arrays in splits.items()
        for part, array in zip(_PARTS, arrays, strict=True)
    }
    manifest = {
        **about,
        "counts": {split: len(inputs) for split, (inputs, _) in splits.items()},
        "files": files,
        "versions": {package: metadata.version(package) for package in ("numpy", *packages)},
        "seconds": round(time.monotonic() - started, 3),
    }
    text = json.dumps({**manifest, "sha256": digest(manifest)}, indent=2)
    write_whole(folder / MANIFEST, f"{text}\n")


def _save(path: Path, array: Array) -> dict[str, object]:
    """Write an array, packed if its type is bool. Returns the manifest's entry about the file."""
    packed = PackedBools.pack(array) if array.dtype == bool else None
    np.save(path, array if packed is None else packed.packed, allow_pickle=False)
    about = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    return about if packed is None else {**about, "bits": list(packed.example)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a data set's manifest. Raises DamageError if it is absent or does not match its own checksum."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        checksum = manifest.pop("sha256")
        if checksum == digest(manifest):
            return manifest
    except FileNotFoundError:
        raise DamageError(f"there is no {MANIFEST}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise DamageError(f"{MANIFEST} is not as it was written")


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Compare every file with its size and checksum in the manifest. Raises DamageError if one differs."""
    for name, file in manifest["files"].items():
        if not _is_whole(folder / name, file):
            raise DamageError(f"{name} is not as it was written")


def read(folder: Path, *, about: Mapping[str, object]) -> Dataset:
    """Read the data set of a folder. Raises DamageError if its `about` is another one, or if any byte has changed.

    The first time in a process every byte is checked. Later only the size, time and inode of each file are checked.
    """
    stamps, dataset = _READ.get(folder, ((), None))
    if dataset and stamps == _stamps(folder, dataset):
        return dataset
    manifest = read_manifest(folder)
    if digest({name: manifest.get(name) for name in about}) != digest(about):
        raise DamageError(f"{MANIFEST} belongs to another data set")
    check_files(folder, manifest)
    dataset = _map(folder, manifest)
    _READ[folder] = _stamps(folder, dataset), dataset
    return dataset


_Stamps = tuple[tuple[int, int, int], ...]
_READ: dict[Path, tuple[_Stamps, Dataset]] = {}
"""The data sets that this process has checked, and the stamps of their files at that time."""


def _stamps(folder: Path, dataset: Dataset) -> _Stamps:
    """Returns size, time and inode of each file of a data set; empty if a file is gone."""
    names = [MANIFEST, *(_name(split, part) for split in dataset.counts for part in _PARTS)]
    try:
        states = [(folder / name).stat() for name in names]
    except OSError:
        return ()
    return tuple((state.st_size, state.st_mtime_ns, state.st_ino) for state in states)


def _map(folder: Path, manifest: Mapping[str, Any]) -> Dataset:
    files, counts = manifest["files"], manifest["counts"]
    splits: dict[str, StoredExamples] = {}
    for split in counts:
        inputs, targets = (_map_array(folder / name, files[name]) for name in (_name(split, part) for part in _PARTS))
        splits[split] = inputs, targets
    return Dataset(digest(files), folder, counts, splits, manifest.get(REQUEST, ""))


def _is_whole(path: Path, file: Mapping[str, Any]) -> bool:
    try:
        return bool(path.stat().st_size == file["bytes"] and _sha256(path) == file["sha256"])
    except OSError:
        return False


def _map_array(path: Path, file: Mapping[str, Any]) -> StoredArray:
    array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    return PackedBools(array, tuple(file["bits"])) if "bits" in file else array


def _name(split: str, part: str) -> str:
    return f"{split}.{part}.npy"
