"""The data sets of every study, in one folder: made once, shared by every process, never written again."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from filelock import FileLock, Timeout

from study.data import dataset as entry
from study.data.dataset import DamageError, Dataset
from study.errors import DataError
from study.space.trial import digest
from study.task import Level, Settings, Task, same

REQUIRED = ("pool", "validation")
SPLITS = (*REQUIRED, "test")
Say = Callable[[str, int, int], None]
"""Called with what goes on and how far that is, (done, total); both are 0 where nobody knows."""
_ASIDE = "damaged"


def attach(task: Task, settings: Settings, *, say: Say) -> Dataset:
    """The task's data set at these settings: out of the cache, or made first, by one process while the others wait.

    One that is damaged is set aside and made again. Raises DataError where the cache cannot be used, or where the
    task's data break the rules of `Splits`.
    """
    chosen = _chosen(task, settings)
    about = _about(task, chosen)
    folder = root() / entry_name(task, settings)
    with suppress(DamageError), _usable(folder.parent):  # What is whole may be on a disk that cannot be written.
        return entry.read(folder, about=about)
    with _locked(folder, say):
        try:
            return entry.read(folder, about=about)
        except DamageError as damage:
            what = "making data"
            if folder.exists():
                what += f" again, for those in the cache are damaged ({damage}): set aside as {_set_aside(folder)}"
            say(what, 0, 0)
            _make(folder, task, chosen, lambda done, total: say(what, done, total))
        return entry.read(folder, about=about)


def entry_name(task: Task, settings: Settings) -> str:
    """What the folder of the task's data set at these settings is called."""
    return f"{task.name}-{digest(_about(task, _chosen(task, settings)))[:16]}"


def root() -> Path:
    """The folder that holds the cache: STUDY_CACHE, or `keras-study` in the user's own cache folder."""
    if given := os.environ.get("STUDY_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "keras-study"


@dataclass(frozen=True)
class Entry:
    """A data set in the cache, as its manifest has it."""

    name: str
    bytes: int
    settings: Settings
    """Those that are not the task's defaults."""
    counts: Mapping[str, int]
    """Examples in each split."""
    seconds: float
    """That it took to make."""
    problem: str = ""
    """What is wrong with it, where anything is found to be."""


def entries(*, check: bool = False) -> list[Entry]:
    """What the cache holds, by name; with `check` every byte is read."""
    return [_entry(folder, check=check) for folder in _folders()]


def clear() -> tuple[int, list[str]]:
    """Remove every data set that nobody is making: the bytes that this gives back, and the names of those that stay."""
    freed, busy = 0, []
    for folder in _folders():
        with _usable(root()):
            lock = FileLock(_lock(folder))
        if not _acquired(lock):
            busy.append(folder.name)
            continue
        freed += _remove(folder, *_drafts(folder))
        lock.release()
    return freed + _remove(root() / _ASIDE), busy


def _folders() -> list[Path]:
    there = root().iterdir() if root().is_dir() else ()
    return sorted(path for path in there if path.is_dir() and not path.name.startswith(".") and path.name != _ASIDE)


def _entry(folder: Path, *, check: bool) -> Entry:
    size = _size(folder)
    try:
        said = entry.manifest(folder)
        if check:
            entry.check(folder, said)
        return Entry(folder.name, size, said["settings"], said["counts"], said["seconds"])
    except (DamageError, OSError) as problem:
        return Entry(folder.name, size, {}, {}, 0.0, str(problem))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _remove(*folders: Path) -> int:
    """Remove folders; the bytes that were in them."""
    size = sum(map(_size, folders))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return size


class _DataSettings(dict[str, Level]):
    """All that a task sees of its settings while it makes data; of the others its entry in the cache knows nothing."""

    def __missing__(self, name: str) -> NoReturn:
        raise DataError(f"the task's data depend on {name!r}, which is no setting of theirs; give it part='data'")


def _chosen(task: Task, settings: Settings) -> _DataSettings:
    parts = task.settings.items()
    return _DataSettings({name: settings.get(name, s.default) for name, s in parts if s.part == "data"})


def _about(task: Task, chosen: Settings) -> dict[str, object]:
    """What decides a data set; a setting at its default counts as not given, so that a task may get new ones."""
    changed = {name: value for name, value in chosen.items() if not same(value, task.settings[name].default)}
    return {"task": task.name, "version": task.version, "settings": changed}


@contextmanager
def _locked(folder: Path, say: Say) -> Iterator[None]:
    """Be the only process that makes this data set; the system takes the lock back from one that dies."""
    with _usable(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        path = _lock(folder)
        path.touch()  # FileLock takes some places that cannot be written for busy ones, and would wait for ever.
        lock = FileLock(path)
        while not _acquired(lock):  # Said again and again, so that a trial which waits is not taken for one that hangs.
            say("waiting for data that another process makes", 0, 0)
    try:
        yield
    finally:
        lock.release()


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=1.0)
    except Timeout:
        return False
    return True


def _lock(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


def _make(folder: Path, task: Task, chosen: Settings, progress: Callable[[int, int], None]) -> None:
    """Make a data set in a private folder beside its place, then rename that; whoever calls holds the lock."""
    started = time.monotonic()
    with _usable(folder.parent):
        _remove(*_drafts(folder))  # The lock is ours, so what an earlier process left half made is nobody's.
        draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
        draft.mkdir()
    try:
        splits = task.data(chosen, progress)
        if problem := _problem(splits):
            raise DataError(f"task {task.name!r} made data that cannot be used: {problem}")
        with _usable(folder.parent):
            entry.write(draft, splits, _about(task, chosen), started=started)
            draft.rename(folder)
    finally:
        _remove(draft)


def _drafts(folder: Path) -> Sequence[Path]:
    return [path for path in folder.parent.glob(f".{folder.name}.*") if path.is_dir()]


def _set_aside(folder: Path) -> Path:
    """Move what is damaged out of the way, for whoever wants to know what happened to it; where to."""
    with _usable(folder.parent):
        aside = folder.parent / _ASIDE / f"{folder.name}-{uuid.uuid4().hex[:8]}"
        aside.parent.mkdir(exist_ok=True)
        return folder.rename(aside)


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
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"the data cache {folder} cannot be used: {error.strerror or error}"
        raise DataError(f"{problem}; set STUDY_CACHE to a folder that can be") from error
