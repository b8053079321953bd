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

from study.data import dataset
from study.data.dataset import DamageError, Dataset
from study.errors import DataError
from study.space.task_code import TaskCode
from study.space.trial import digest
from study.task import Level, Progress, Settings, Task, packages, same

REQUIRED = ("pool", "validation")
SPLITS = (*REQUIRED, "test")
OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is to do; both are 0 if nobody knows."""
_DAMAGED = "damaged"


def attach(task: Task, settings: Settings, *, code: TaskCode, on_progress: OnProgress) -> Dataset:
    """Returns the data set of a task with this code at these settings, from the cache if it is there.

    Else one process makes it while the others wait. A damaged one is set aside and made again. Raises DataError if the
    cache cannot be used, or if the task's data break the rules of `Splits`.
    """
    data_settings = _data_settings(task, settings)
    about = _about(task, data_settings, code)
    folder = cache_folder() / entry_name(task, settings, code=code)
    with suppress(DamageError), _usable(folder.parent):  # A whole data set may lie on a disk that cannot be written.
        return dataset.read(folder, about=about)
    with _locked(folder, on_progress):
        try:
            return dataset.read(folder, about=about)
        except DamageError as damage:
            what = "making data"
            if folder.exists():
                what += f" again, because the cache's are damaged ({damage}): set aside as {_set_aside(folder)}"
            on_progress(what, 0, 0)
            _make(folder, task, data_settings, about=about, progress=lambda done, of: on_progress(what, done, of))
        return dataset.read(folder, about=about)


def entry_name(task: Task, settings: Settings, *, code: TaskCode) -> str:
    """Returns the name of the folder of the data set of a task with this code at these settings."""
    return f"{task.name}-{digest(_about(task, _data_settings(task, settings), code))[:16]}"


def cache_folder() -> Path:
    """Returns the folder of the cache: STUDY_CACHE, or `keras-study` in the user's own cache folder."""
    if given := os.environ.get("STUDY_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "keras-study"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A data set in the cache, as its manifest describes it."""

    name: str
    bytes: int
    settings: Settings
    """Those that are not the task's defaults; of a user's task all that act on the data."""
    counts: Mapping[str, int]
    """Examples in each split."""
    seconds: float
    """How long it took to make."""
    place: str = ""
    """The file of the task that made it; empty if the task is built in."""
    problem: str = ""
    """What is wrong with it; empty if nothing is known to be wrong."""


def entries(*, check: bool = False) -> list[Entry]:
    """Returns what the cache holds, by name. With `check` every byte is read."""
    return [_entry(folder, check=check) for folder in _folders()]


def clear() -> tuple[int, list[str]]:
    """Remove every data set that no process is making. Returns the bytes freed, and the names of those that stay."""
    freed, busy = 0, []
    for folder in _folders():
        with _usable(cache_folder()):
            lock = FileLock(_lock_file(folder))
        if not _acquired(lock):
            busy.append(folder.name)
            continue
        freed += _remove(folder, *_drafts(folder))
        lock.release()
    return freed + _remove(cache_folder() / _DAMAGED), busy


def _folders() -> list[Path]:
    paths = cache_folder().iterdir() if cache_folder().is_dir() else ()
    return sorted(path for path in paths if path.is_dir() and not path.name.startswith(".") and path.name != _DAMAGED)


def _entry(folder: Path, *, check: bool) -> Entry:
    size = _size(folder)
    try:
        manifest = dataset.read_manifest(folder)
        if check:
            dataset.check_files(folder, manifest)
        parts = {name: manifest[name] for name in ("settings", "counts", "seconds")}
        return Entry(name=folder.name, bytes=size, place=manifest.get("place", ""), **parts)
    except (DamageError, OSError) as problem:
        return Entry(name=folder.name, bytes=size, settings={}, counts={}, seconds=0.0, problem=str(problem))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _remove(*folders: Path) -> int:
    """Remove folders. Returns the bytes that were in them."""
    size = sum(map(_size, folders))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return size


class _DataSettings(dict[str, Level]):
    """The settings that a task may read while it makes data. Reading any other would give data under a wrong name."""

    def __missing__(self, name: str) -> NoReturn:
        raise DataError(f"the task's data depend on {name!r}, which is no setting of theirs; give it part='data'")


def _data_settings(task: Task, settings: Settings) -> _DataSettings:
    parts = task.settings.items()
    return _DataSettings({name: settings.get(name, s.default) for name, s in parts if s.part == "data"})


def _about(task: Task, data_settings: Settings, code: TaskCode) -> dict[str, object]:
    """Returns what decides a data set.

    A built-in task's version tells of each change of its code. A setting at its default then counts as absent, so that
    the task may get new ones. Of a user's task the code counts and, because it may read files beside it, its place.
    """
    changed = {name: value for name, value in data_settings.items() if not same(value, task.settings[name].default)}
    request: dict[str, object] = {"task": task.name, "version": task.version, "settings": changed}
    if not code.data:
        return request
    made_by = {"settings": dict(data_settings), "code": code.data, "place": code.place}
    return {**request, **made_by, dataset.REQUEST: f"{task.name}-{digest(request)[:16]}"}


@contextmanager
def _locked(folder: Path, on_progress: OnProgress) -> Iterator[None]:
    """Be the only process that makes this data set. If the process dies, the system releases the lock."""
    with _usable(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        path = _lock_file(folder)
        path.touch()  # FileLock mistakes some folders that cannot be written for busy ones, and would wait for ever.
        lock = FileLock(path)
        while not _acquired(lock):  # The message is repeated, so that a waiting trial is not taken for a hanging one.
            on_progress("waiting for data that another process makes", 0, 0)
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


def _lock_file(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


def _make(
    folder: Path, task: Task, data_settings: Settings, *, about: Mapping[str, object], progress: Progress
) -> None:
    """Make a data set in a draft folder beside its own, then rename that. The caller holds the lock."""
    started = time.monotonic()
    with _usable(folder.parent):
        _remove(*_drafts(folder))  # This process holds the lock, so no other process uses a draft any more.
        draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
        draft.mkdir()
    try:
        splits = task.data(data_settings, progress)
        if problem := _problem(splits):
            raise DataError(f"task {task.name!r} made data that cannot be used: {problem}")
        with _usable(folder.parent):
            dataset.write(draft, splits, about, started=started, packages=packages(task))
            draft.rename(folder)
    finally:
        _remove(draft)


def _drafts(folder: Path) -> Sequence[Path]:
    return [path for path in folder.parent.glob(f".{folder.name}.*") if path.is_dir()]


def _set_aside(folder: Path) -> Path:
    """Move a damaged data set out of the way, so that its damage can be studied. Returns its new folder."""
    with _usable(folder.parent):
        aside = folder.parent / _DAMAGED / f"{folder.name}-{uuid.uuid4().hex[:8]}"
        aside.parent.mkdir(exist_ok=True)
        return folder.rename(aside)


def _problem(splits: object) -> str | None:
    """Returns the rule that a task's data break, or None."""
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
    """Raise DataError with a way out if the cache cannot be read or written meanwhile."""
    try:
        yield
    except OSError as error:
        problem = f"the data cache {folder} cannot be used: {error.strerror or error}"
        raise DataError(f"{problem}; set STUDY_CACHE to a folder that can be read and written") from error
