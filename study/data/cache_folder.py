"""The layout of the cache: one folder that holds a folder for each data set, and beside it its lock and its drafts."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from study.errors import DataError

_HEX = 32
"""Characters at the end of a draft's name, which no other draft has."""
DAMAGED = "damaged"
"""The folder in the cache to which damaged data sets are moved."""


def drafts(folder: Path) -> Sequence[Path]:
    """Returns the draft folders of a data set. Each one belongs to a process that makes it, or died while making it."""
    return [path for path in folder.parent.glob(f".{folder.name}.*") if path.is_dir()]


def all_drafts(cache: Path) -> dict[Path, list[Path]]:
    """Returns every draft folder in the cache, by the folder of the data set that it was to become."""
    found: dict[Path, list[Path]] = {}
    for path in sorted(cache.glob(".*")):
        name, _, end = path.name[1:].rpartition(".")
        if name and len(end) == _HEX and path.is_dir():
            found.setdefault(cache / name, []).append(path)
    return found


def size(folder: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(*folders: Path) -> int:
    """Remove folders. Returns the bytes that were in them."""
    freed = sum(map(size, folders))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return freed


def acquired(lock: FileLock) -> bool:
    """Wait up to a second for a lock. Returns whether this process now holds it."""
    try:
        lock.acquire(timeout=1.0)
    except Timeout:
        return False
    return True


def lock_file(folder: Path) -> Path:
    """Returns the lock of a data set's folder. The process that makes or removes the data set holds it."""
    return folder.with_name(f".{folder.name}.lock")


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Turn an OSError inside the `with` block into a DataError with a way out."""
    try:
        yield
    except OSError as error:
        problem = f"the data cache {folder} cannot be used: {error.strerror or error}"
        raise DataError(f"{problem}; set STUDY_CACHE to a folder that can be read and written") from error
