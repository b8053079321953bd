"""The layout of a store, which is the folder of all studies, and the lock that lets only one process write."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from study.errors import StoreError
from study.files import LATER, NO_ROOM
from study.ledger.claim import OWNER as OWNER
from study.ledger.claim import Claim, Owner

JOURNAL = "trials.journal"
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
    """Returns the names of the studies in a store, sorted, also of those that have lost their journal."""
    found = {path.parent.name for part in (JOURNAL, "cells") for path in (store / "studies").glob(f"*/{part}")}
    return sorted(found)


@contextmanager
def owned(folder: Path, *, what: str = "") -> Iterator[Claim]:
    """Make this process the only one that may write in a folder. Yields its claim, which must be checked now and then.

    Raises StoreError if another process owns the folder, or if the disk becomes full. The message names the owner and
    `what` is in the folder, by default the study.
    """
    lock, what = filelock.FileLock(folder / "lock"), what or f"study {folder.name!r}"
    try:
        lock.acquire(timeout=0.5)  # `study status` holds it for a moment.
    except filelock.Timeout:
        owner = Owner.read(folder)
        who = owner.words if owner else ""
        raise StoreError(f"{what} is being run by {who or 'another process'}; wait for it or stop it") from None
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); give another store with --store or STUDY_STORE"
        ) from None
    claim = Claim(folder, what=what)
    try:
        claim.begin()
        yield claim
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise StoreError(f"{error.filename or folder}: cannot be written ({error.strerror}); {LATER}") from None
    finally:
        claim.end()
        lock.release()


def seems_owned(folder: Path) -> bool:
    """Whether a process seems to be writing this study now. Unlike `has_owner`, this leaves the lock alone."""
    try:
        owner = Owner.read(folder)
        if owner and owner.is_here:
            return owner.lives or owner.about.get("process") == os.getpid()
        _, process, _, host = (owner.words if owner else "").split(maxsplit=3)
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
            owner = Owner.read(folder)  # The lock that its owner holds may have been removed.
            return owner is not None and owner.is_here and owner.lives
    except filelock.Timeout:
        return True
    except OSError:  # A store that cannot be written has no owner.
        return False
