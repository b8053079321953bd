"""Writes and reads one data set in a folder. It is written whole, and read only if no byte has changed since."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from study.data import stored_array
from study.data.nest import Nest, count, from_json, leaves, map_nest, to_json
from study.data.splits import PARTS
from study.data.stream import Stream
from study.files import write_whole
from study.space.cell_key import digest

MANIFEST = "manifest.json"
REQUEST = "request"
"""In a manifest and in a result: the task, its version and the settings that were asked for, as one name.

It is the same on every machine. It is left out if the name of the data set's folder says the same.
"""
_STRUCTURE, _CLASS_WEIGHT = "structure", "class_weight"
"""In a manifest, if the data set has more than one array of inputs and one of targets: its files as nests."""


class DamageError(Exception):
    """The folder is damaged or absent. The message says in a few words what is wrong."""


StoredExamples = tuple[Nest, ...]
"""Inputs, and perhaps targets, and perhaps weights of the examples: one to three nests of `StoredArray`."""
SplitData = Any
"""The data of a split: `StoredExamples`, or a `Stream`."""


@dataclass(frozen=True)
class Dataset:
    """A data set on disk, as read-only memory maps. Two data sets are equal if their files are equal."""

    fingerprint: str
    """One SHA-256 for the whole data set, made from the SHA-256 of each file."""
    folder: Path = field(compare=False)
    counts: Mapping[str, int] = field(compare=False)
    """Examples in each split."""
    splits: Mapping[str, SplitData] = field(compare=False, repr=False)
    request: str = field(default="", compare=False)
    class_weight: Mapping[int, float] = field(default_factory=dict, compare=False)
    """The weight of each class in the training; empty if the task gives none."""
    is_new: bool = field(default=False, compare=False)
    """Whether `data` of the task has just run for it in this process."""

    @property
    def is_stream(self) -> bool:
        """Whether a split is a stream, so that the data set is not stored."""
        return any(isinstance(examples, Stream) for examples in self.splits.values())

    def facts(self) -> dict[str, Any]:
        """Returns what a trial's result records about its data set."""
        facts = {"name": self.folder.name, "fingerprint": self.fingerprint, "counts": dict(self.counts)}
        return {**facts, REQUEST: self.request} if self.request else facts


def write(
    folder: Path,
    splits: Mapping[str, tuple[Nest, ...]],
    about: Mapping[str, object],
    *,
    started: float,
    packages: Iterable[str] = (),
    class_weight: Mapping[int, float] | None = None,
) -> None:
    """Write a data set into an empty folder, with a manifest. `about` identifies the data set in the manifest.

    `started` is the time.monotonic() at which the task began to make the data. The manifest also records the versions
    of NumPy and of these `packages`, because they may decide the data.
    """
    names = {split: _names(split, examples) for split, examples in splits.items()}
    files: dict[str, object] = {}
    map_nest(lambda name, array: files.update({name: _save(folder / name, array)}), names, dict(splits))
    manifest = {
        **about,
        "counts": {split: count(examples) for split, examples in splits.items()},
        "files": files,
        **({} if _is_plain(names) else {_STRUCTURE: to_json(names)}),
        **({_CLASS_WEIGHT: {str(name): weight for name, weight in class_weight.items()}} if class_weight else {}),
        "versions": {package: metadata.version(package) for package in ("numpy", *packages)},
        "seconds": round(time.monotonic() - started, 3),
    }
    text = json.dumps({**manifest, "sha256": digest(manifest)}, indent=2)
    write_whole(folder / MANIFEST, f"{text}\n")


def _names(split: str, examples: tuple[Nest, ...]) -> tuple[Nest, ...]:
    """Returns the names of the files of a split, in its structure. Arrays of a part that has several are numbered."""
    return tuple(_part_names(f"{split}.{part}", nest) for part, nest in zip(PARTS, examples, strict=False))


def _part_names(part: str, nest: Nest) -> Nest:
    if not isinstance(nest, dict | list | tuple):
        return None if nest is None else f"{part}.npy"
    numbers = iter(range(sum(1 for _ in leaves(nest))))
    return map_nest(lambda array: f"{part}.{next(numbers)}.npy", nest)


def _plain_names(splits: Iterable[str]) -> dict[str, Nest]:
    """Returns the names of the files of a data set with one array of inputs and one of targets in each split."""
    return {split: tuple(f"{split}.{part}.npy" for part in PARTS[:2]) for split in splits}


def _is_plain(names: Mapping[str, Nest]) -> bool:
    return names == _plain_names(names)


def _save(path: Path, array: Any) -> dict[str, object]:
    """Write an array. Returns the manifest's entry about the file."""
    about = stored_array.save(path, array)
    return {"bytes": path.stat().st_size, "sha256": _sha256(path), **about}


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
    names, stamps, dataset = _READ.get(folder, ((), (), None))
    if dataset and stamps == _stamps(folder, names):
        return dataset
    manifest = read_manifest(folder)
    if digest({name: manifest.get(name) for name in about}) != digest(about):
        raise DamageError(f"{MANIFEST} belongs to another data set")
    check_files(folder, manifest)
    dataset, names = _map(folder, manifest), (MANIFEST, *manifest["files"])
    _READ[folder] = names, _stamps(folder, names), dataset
    return dataset


_Stamps = tuple[tuple[int, int, int], ...]
_READ: dict[Path, tuple[tuple[str, ...], _Stamps, Dataset]] = {}
"""The data sets that this process has checked: the names of their files, and the stamps of these at that time."""


def _stamps(folder: Path, names: Iterable[str]) -> _Stamps:
    """Returns size, time and inode of each of these files; empty if one is gone."""
    try:
        states = [(folder / name).stat() for name in names]
    except OSError:
        return ()
    return tuple((state.st_size, state.st_mtime_ns, state.st_ino) for state in states)


def _map(folder: Path, manifest: Mapping[str, Any]) -> Dataset:
    files, counts = manifest["files"], manifest["counts"]
    names = from_json(manifest[_STRUCTURE]) if _STRUCTURE in manifest else _plain_names(counts)
    splits = map_nest(lambda name: stored_array.load(folder / name, files[name]), names)
    weights = {int(name): weight for name, weight in manifest.get(_CLASS_WEIGHT, {}).items()}
    return Dataset(_fingerprint(manifest), folder, counts, splits, manifest.get(REQUEST, ""), class_weight=weights)


def _fingerprint(manifest: Mapping[str, Any]) -> str:
    """Returns one SHA-256 for the files of a data set and, if there is more than files, for what they mean."""
    meaning = {name: manifest[name] for name in (_STRUCTURE, _CLASS_WEIGHT) if name in manifest}
    return digest({"files": manifest["files"], **meaning} if meaning else manifest["files"])


def _is_whole(path: Path, file: Mapping[str, Any]) -> bool:
    try:
        return bool(path.stat().st_size == file["bytes"] and _sha256(path) == file["sha256"])
    except OSError:
        return False
