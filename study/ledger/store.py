"""Where everything lies in a store, and who may write there: one folder for all studies, `./mlruns` unless said so."""

import errno
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from study.errors import StoreError

JOURNAL = "trials.journal"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
LATER = "nothing is lost: make room, and the same command goes on"


def default_store() -> Path:
    """The store in use: STUDY_STORE, else `mlruns` in the current folder."""
    return Path(os.environ.get("STUDY_STORE") or "mlruns").absolute()


def study_folder(store: Path, name: str) -> Path:
    """The folder of one study; it need not exist."""
    return store / "studies" / name


def names(store: Path) -> list[str]:
    """The studies of a store, by name."""
    return sorted(folder.parent.name for folder in (store / "studies").glob(f"*/{JOURNAL}"))


def make(folder: Path, *, way: str = "give another store with --store or STUDY_STORE") -> None:
    """Make a folder; StoreError, with the way out, where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror}); {way}") from None


def write(path: Path, text: str) -> None:
    """Write a whole file or nothing of it, whatever is killed or switched off meanwhile."""
    draft = path.with_name(f"{path.name}.tmp")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    place = os.open(path.parent, os.O_RDONLY)
    os.fsync(place)  # Else the name may be lost, and what is written next elsewhere not.
    os.close(place)


def append(path: Path, line: str) -> None:
    """Add a whole line, its end included, to a file that `mend` was asked about; it is on the disk before this ends."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def mend(path: Path) -> None:
    """Cut off a last line that was written in part, whose writer died or found no room.

    After a power cut there may be zeros where the disk had yet to get the last lines: these go too.
    """
    if path.is_file():
        with path.open("r+b") as file:
            file.truncate(file.read().partition(b"\0")[0].rfind(b"\n") + 1)


@contextmanager
def owned(folder: Path, *, what: str = "") -> Iterator[None]:
    """Be the only process that writes a study, or `what` else has this folder.

    Raises StoreError where another one is, with its name, and where what is done meanwhile finds no room.
    """
    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0.5)  # `study status` holds it for a moment.
    except filelock.Timeout:
        owner = folder / "owner"
        who = owner.read_text(encoding="utf-8") if owner.exists() else ""
        what = what or f"study {folder.name!r}"
        raise StoreError(f"{what} is being run by {who or 'another process'}; wait for it or stop it") from None
    try:
        write(folder / "owner", f"process {os.getpid()} on {platform.node()}")
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise StoreError(f"{error.filename or folder}: cannot be written ({error.strerror}); {LATER}") from None
    finally:
        lock.release()


def has_owner(folder: Path) -> bool:
    """Whether a process is writing this study now."""
    try:
        with filelock.FileLock(folder / "lock").acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError:  # A store that cannot be written has no owner.
        return False
