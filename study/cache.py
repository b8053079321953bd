"""Data sets on disk: made once, shared by every process, memory-mapped and never written again."""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from filelock import FileLock

from study.errors import DataError
from study.task import Level, Progress, Settings, Splits, Task, same
from study.trial import digest

REQUIRED = ("pool", "validation")
SPLITS = (*REQUIRED, "test")
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Dataset:
    """A data set in the cache, as read-only memory maps; two are equal where their files are."""

    fingerprint: str
    """SHA-256 over the SHA-256 of every file."""
    folder: Path = field(compare=False)
    counts: Mapping[str, int] = field(compare=False)
    """Examples in each split."""
    splits: Splits = field(compare=False, repr=False)


def attach(task: Task, settings: Settings, *, progress: Progress) -> Dataset:
    """The task's data set at these settings: out of the cache, or made first, by one process while the others wait.

    `progress` is called in the process that makes it. Raises DataError where the cache cannot be written, or where
    the task's data break the rules of `Splits`.
    """
    chosen = _chosen(task, settings)
    folder = root() / _entry(task, chosen)
    if (dataset := _open(folder)) is not None:  # A cache that is complete may be on a disk that cannot be written.
        return dataset
    with ExitStack() as held:
        with _writing(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            lock = Path(f"{folder}.lock")
            lock.touch()  # FileLock takes some places that cannot be written for busy ones, and would wait for ever.
            held.enter_context(FileLock(lock))
        return _open(folder) or _make(folder, task, chosen, progress)


def root() -> Path:
    """The folder that holds the cache: STUDY_CACHE, or `keras-study` in the user's own cache folder."""
    if given := os.environ.get("STUDY_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "keras-study"


class _DataSettings(dict[str, Level]):
    """All that a task sees of its settings while it makes data; of the others its entry in the cache knows nothing."""

    def __missing__(self, name: str) -> NoReturn:
        raise DataError(f"the task's data depend on {name!r}, which is no setting of theirs; give it part='data'")


def _chosen(task: Task, settings: Settings) -> _DataSettings:
    parts = task.settings.items()
    return _DataSettings({name: settings.get(name, s.default) for name, s in parts if s.part == "data"})


def _entry(task: Task, chosen: Settings) -> str:
    changed = {name: value for name, value in chosen.items() if not same(value, task.settings[name].default)}
    return f"{task.name}-{digest({'task': task.name, 'version': task.version, 'settings': changed})[:16]}"


def _open(folder: Path) -> Dataset | None:
    """The entry, or None where there is none that is whole."""
    try:
        return _read(folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _read(folder: Path) -> Dataset:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name, file in manifest["files"].items():
        if (folder / name).stat().st_size != file["bytes"]:
            raise ValueError(f"{folder / name} is not {file['bytes']} bytes long")
    counts = {split: int(count) for split, count in manifest["counts"].items()}
    splits = {split: (_map(folder, split, "inputs"), _map(folder, split, "targets")) for split in counts}
    return Dataset(digest({name: file["sha256"] for name, file in manifest["files"].items()}), folder, counts, splits)


def _map(folder: Path, split: str, part: str) -> "np.ndarray[Any, Any]":
    array: np.ndarray[Any, Any] = np.load(folder / f"{split}.{part}.npy", mmap_mode="r", allow_pickle=False)
    return array


def _make(folder: Path, task: Task, chosen: Settings, progress: Progress) -> Dataset:
    """Make the entry in a private folder beside its place, then rename it; whoever calls holds the entry's lock."""
    started = time.monotonic()
    with _writing(folder.parent):
        draft = _draft(folder)
    try:
        splits = task.data(chosen, progress)
        if problem := _problem(splits):
            raise DataError(f"task {task.name!r} made data that cannot be used: {problem}")
        with _writing(folder.parent):
            _write(draft, splits, {"task": task.name, "version": task.version, "settings": chosen}, started)
            if folder.exists():  # `_open` found it damaged.
                folder.rename(f"{folder}.damaged-{uuid.uuid4().hex[:8]}")
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _read(folder)


def _draft(folder: Path) -> Path:
    # The lock is ours, so what an earlier process left half made is nobody's.
    for left in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    draft.mkdir()
    return draft


def _write(draft: Path, splits: Splits, about: Mapping[str, object], started: float) -> None:
    files = {}
    for split, arrays in splits.items():
        for part, array in zip(("inputs", "targets"), arrays, strict=True):
            path = draft / f"{split}.{part}.npy"
            np.save(path, array, allow_pickle=False)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            files[path.name] = {"bytes": path.stat().st_size, "sha256": sha256}
    manifest = {
        **about,
        "counts": {split: len(inputs) for split, (inputs, _) in splits.items()},
        "files": files,
        "versions": {package: metadata.version(package) for package in ("numpy", "qrcode")},
        "seconds": round(time.monotonic() - started, 3),
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")


def _problem(splits: object) -> str | None:
    """The rule that a task's data break, or None."""
    if not isinstance(splits, Mapping):
        return f"it must be a mapping of splits, not {type(splits).__name__}"
    if missing := [split for split in REQUIRED if split not in splits]:
        return f"it lacks {', '.join(map(repr, missing))}"
    problems = (_split_problem(split, arrays) for split, arrays in splits.items())
    return next((problem for problem in problems if problem), None)


def _split_problem(split: object, arrays: object) -> str | None:
    if split not in SPLITS:
        return f"{split!r} is none of {', '.join(map(repr, SPLITS))}"
    if not isinstance(arrays, tuple) or len(arrays) != 2 or not all(isinstance(a, np.ndarray) for a in arrays):
        return f"{split!r} must be two NumPy arrays, (inputs, targets)"
    inputs, targets = arrays
    if any(array.ndim == 0 or array.dtype.hasobject for array in arrays):
        return f"the arrays of {split!r} must hold numbers, the examples along the first axis"
    if len(inputs) != len(targets):
        return f"{split!r} has {len(inputs)} inputs and {len(targets)} targets"
    return None if len(inputs) else f"{split!r} is empty"


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"the data cache {folder} cannot be written: {error.strerror or error}"
        raise DataError(f"{problem}; set STUDY_CACHE to a folder that can be") from error
