"""One data set in a folder: written whole, and read only while it is what was written."""

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, overload

import numpy as np

from study.files import write_whole
from study.space.trial import digest
from study.task import Splits

Array = np.ndarray[Any, Any]
MANIFEST = "manifest.json"
_PARTS = ("inputs", "targets")


class DamageError(Exception):
    """The folder is not, or no longer, what was written; says in a few words why."""


@dataclass(frozen=True)
class Bits:
    """Truth values kept eight to a byte, in the place of an array of bool with the examples along the first axis.

    As of an array, a slice of it is a view, and an array of places takes a copy: of bool, a byte each.
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
        """As an array of bool."""
        return math.prod(self.shape)

    @overload
    def __getitem__(self, which: slice) -> "Bits": ...
    @overload
    def __getitem__(self, which: Array) -> Array: ...
    def __getitem__(self, which: slice | Array) -> "Bits | Array":
        if isinstance(which, slice):
            return Bits(self.packed[which], self.example)
        values = np.unpackbits(self.packed[which], axis=1, count=math.prod(self.example))
        return values.view(bool).reshape(len(which), *self.example)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self[np.arange(len(self))].astype(dtype or bool, copy=False)

    @classmethod
    def of(cls, array: Array) -> "Bits":
        """An array of bool, packed."""
        return cls(np.packbits(array.reshape(len(array), -1), axis=1), array.shape[1:])


Rows = Array | Bits
"""Examples along the first axis."""
Kept = tuple[Rows, Rows]
"""Inputs and targets."""


@dataclass(frozen=True)
class Dataset:
    """A data set on disk, as read-only memory maps; two are equal where their files are."""

    fingerprint: str
    """SHA-256 over the SHA-256 of every file."""
    folder: Path = field(compare=False)
    counts: Mapping[str, int] = field(compare=False)
    """Examples in each split."""
    splits: Mapping[str, Kept] = field(compare=False, repr=False)


def write(folder: Path, splits: Splits, about: Mapping[str, object], *, started: float) -> None:
    """Write a data set into an empty folder, and what it is `about`; `started` as time.monotonic() had it."""
    files = {
        _name(split, part): _save(folder / _name(split, part), array)
        for split, arrays in splits.items()
        for part, array in zip(_PARTS, arrays, strict=True)
    }
    manifest = {
        **about,
        "counts": {split: len(inputs) for split, (inputs, _) in splits.items()},
        "files": files,
        "versions": {package: metadata.version(package) for package in ("numpy", "qrcode")},
        "seconds": round(time.monotonic() - started, 3),
    }
    text = json.dumps({**manifest, "sha256": digest(manifest)}, indent=2)
    write_whole(folder / MANIFEST, f"{text}\n")


def _save(path: Path, array: Array) -> dict[str, object]:
    """Write an array, truth values as bits; what the manifest says of the file."""
    bits = Bits.of(array) if array.dtype == bool else None
    np.save(path, array if bits is None else bits.packed, allow_pickle=False)
    about = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    return about if bits is None else {**about, "bits": list(bits.example)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(folder: Path) -> dict[str, Any]:
    """What was written about a data set, checked against its own checksum; raises DamageError."""
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        promised = said.pop("sha256")
        if promised == digest(said):
            return said
    except FileNotFoundError:
        raise DamageError(f"there is no {MANIFEST}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise DamageError(f"{MANIFEST} is not as it was written")


def check(folder: Path, said: Mapping[str, Any]) -> None:
    """Compare every file with what the manifest said of it; raises DamageError."""
    for name, file in said["files"].items():
        if not _whole(folder / name, file):
            raise DamageError(f"{name} is not as it was written")


def read(folder: Path, *, about: Mapping[str, object]) -> Dataset:
    """The data set of a folder, which must be about this, every byte of it checked; else raises DamageError.

    Again in the same process it is checked by the size, time and inode of each file.
    """
    known = _READ.get(folder)
    if known and known[0] == _stamps(folder, known[1]):
        return known[1]
    said = manifest(folder)
    if digest({name: said.get(name) for name in about}) != digest(about):
        raise DamageError(f"{MANIFEST} is of another data set")
    check(folder, said)
    dataset = _mapped(folder, said)
    _READ[folder] = _stamps(folder, dataset), dataset
    return dataset


_Stamp = tuple[int, int, int]
_READ: dict[Path, tuple[list[_Stamp], Dataset]] = {}


def _stamps(folder: Path, dataset: Dataset) -> list[_Stamp]:
    names = [MANIFEST, *(_name(split, part) for split in dataset.counts for part in _PARTS)]
    try:
        states = [(folder / name).stat() for name in names]
    except OSError:
        return []
    return [(state.st_size, state.st_mtime_ns, state.st_ino) for state in states]


def _mapped(folder: Path, said: Mapping[str, Any]) -> Dataset:
    files = said["files"]
    splits: dict[str, Kept] = {}
    for split in said["counts"]:
        inputs, targets = (_map(folder / name, files[name]) for name in (_name(split, part) for part in _PARTS))
        splits[split] = inputs, targets
    return Dataset(digest(files), folder, said["counts"], splits)


def _whole(path: Path, file: Mapping[str, Any]) -> bool:
    try:
        return bool(path.stat().st_size == file["bytes"] and _sha256(path) == file["sha256"])
    except OSError:
        return False


def _map(path: Path, file: Mapping[str, Any]) -> Rows:
    array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    return Bits(array, tuple(file["bits"])) if "bits" in file else array


def _name(split: str, part: str) -> str:
    return f"{split}.{part}.npy"
