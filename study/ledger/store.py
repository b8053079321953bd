"""The layout of a store, which is the folder of all studies, and the lock that lets only one process write."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from study.errors import StoreError
from study.files import LATER, NO_ROOM, write_whole

JOURNAL = "trials.journal"
OWNER = "owner"
"""The file that names the process that writes a study."""
_SILENT = 600
"""Seconds after which the launcher of another machine is taken for dead if it has written nothing."""


def default_store() -> Path:
    """Returns the store in use: the variable STUDY_STORE, else `mlruns` in the current folder."""
    return folder_path(os.environ.get("STUDY_STORE") or "mlruns")


def folder_path(text: str) -> Path:
    """Returns the whole path of a folder that the user gives. `~` is the user's home, also if no shell replaced it."""
    path = Path(text)
    home = path.parts[:1] == ("~",)  # `~name` may be a folder here, and there may be no user of that name.
    return (path.expanduser() if home else path).absolute()


def study_folder(store: Path, name: str) -> Path:
    """Returns the folder of one study, which need not exist."""
    return store / "studies" / name


def names(store: Path) -> list[str]:
    """Returns the names of the studies in a store, sorted."""
    return sorted(folder.parent.name for folder in (store / "studies").glob(f"*/{JOURNAL}"))


@contextmanager
def owned(folder: Path, *, what: str = "") -> Iterator[None]:
    """Make this process the only one that may write in a folder.

    Raises StoreError if another process owns the folder, or if the disk becomes full. The message names the owner and
    `what` is in the folder, by default the study.
    """
    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0.5)  # `study status` holds it for a moment.
    except filelock.Timeout:
        owner = folder / OWNER
        who = owner.read_text(encoding="utf-8") if owner.exists() else ""
        what = what or f"study {folder.name!r}"
        raise StoreError(f"{what} is being run by {who or 'another process'}; wait for it or stop it") from None
    try:
        write_whole(folder / OWNER, f"process {os.getpid()} on {platform.node()}")
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise StoreError(f"{error.filename or folder}: cannot be written ({error.strerror}); {LATER}") from None
    finally:
        with suppress(OSError):  # A name that is left over misleads nobody: the lock decides.
            (folder / OWNER).unlink(missing_ok=True)
        lock.release()


def seems_owned(folder: Path) -> bool:
    """Whether a process seems to be writing this study now. Unlike `has_owner`, this leaves the lock alone."""
    try:
        words = (folder / OWNER).read_text(encoding="utf-8").split(maxsplit=3)
        _, process, _, host = words
        if host != platform.node():
            return time.time() - _last_written(folder) < _SILENT
        os.kill(int(process), 0)
    except PermissionError:  # It exists, and is another user's.
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _last_written(folder: Path) -> float:
    """Returns when anything of a study was written last. A cell's folder changes with each epoch."""
    return max(path.stat().st_mtime for path in [folder / JOURNAL, *folder.glob("cells/*")])


def has_owner(folder: Path) -> bool:
    """Whether a process is writing this study now."""
    try:
        with filelock.FileLock(folder / "lock").acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError:  # A store that cannot be written has no owner.
        return False
