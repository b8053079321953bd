"""Lists the data sets of the cache, checks them, and removes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from study.data import dataset
from study.data.cache_folder import DAMAGED, acquired, all_drafts, drafts, lock_file, remove, size, usable
from study.data.dataset import DamageError
from study.files import cache_folder
from study.task import Settings


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A data set in the cache, as its manifest describes it."""

    name: str
    bytes: int
    settings: Settings
    """The settings that differ from the task's defaults. For a user's task, all settings that act on the data."""
    counts: Mapping[str, int]
    """Examples in each split."""
    seconds: float
    """The seconds that it took to make."""
    place: str = ""
    """The file of the task that made it; empty if the task is built in."""
    problem: str = ""
    """What is wrong with it; empty if nothing is known to be wrong."""


def entries(*, check: bool = False) -> list[Entry]:
    """Returns the data sets in the cache, sorted by name. With `check` every byte is read and checked."""
    return [_entry(folder, check=check) for folder in _folders()]


def half_made() -> list[Entry]:
    """Returns the data sets that are being made, and those that a process left half made when it was killed."""
    return [
        Entry(name=draft.name, bytes=size(draft), settings={}, counts={}, seconds=0.0, problem=problem)
        for folder, found in all_drafts(cache_folder()).items()
        for problem in [_state_of_drafts(folder)]
        for draft in found
    ]


def clear() -> tuple[int, list[str]]:
    """Remove every data set that no process is making. Returns the freed bytes, and the names of the sets that stay."""
    freed, busy = 0, []
    for folder in sorted({*_folders(), *all_drafts(cache_folder())}):
        with usable(cache_folder()):
            lock = FileLock(lock_file(folder))
        if not acquired(lock):
            busy.append(folder.name)
            continue
        freed += remove(folder, *drafts(folder))
        lock.release()
    return freed + remove(cache_folder() / DAMAGED), busy


def _state_of_drafts(folder: Path) -> str:
    try:
        if not acquired(lock := FileLock(lock_file(folder))):
            return "is being made"
        lock.release()
    except OSError:  # In a cache that cannot be written nobody can be making anything.
        pass
    return "was left half made by a process that was ended; `study cache clear` removes it"


def _folders() -> list[Path]:
    paths = cache_folder().iterdir() if cache_folder().is_dir() else ()
    return sorted(path for path in paths if path.is_dir() and not path.name.startswith(".") and path.name != DAMAGED)


def _entry(folder: Path, *, check: bool) -> Entry:
    total = size(folder)
    try:
        manifest = dataset.read_manifest(folder)
        if check:
            dataset.check_files(folder, manifest)
        parts = {name: manifest[name] for name in ("settings", "counts", "seconds")}
        return Entry(name=folder.name, bytes=total, place=manifest.get("place", ""), **parts)
    except (DamageError, OSError) as problem:
        return Entry(name=folder.name, bytes=total, settings={}, counts={}, seconds=0.0, problem=str(problem))
