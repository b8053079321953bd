"""Writes files that survive a kill or a power cut: each is written whole or not at all. Says where the cache lies."""

import errno
import os
import tempfile
from pathlib import Path

from study.errors import StoreError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The numbers of the errors that mean that the disk or the quota is full, or the file too large."""
CANNOT_WRITE = NO_ROOM | {errno.EACCES, errno.EPERM, errno.EROFS}
"""These, and the numbers of the errors that mean that this user or this disk takes no writes."""
LATER = "nothing is lost: make room, and the same command goes on"


def cache_folder() -> Path:
    """Returns the folder of the cache: STUDY_CACHE, or `keras-study` in the user's own cache folder."""
    if given := os.environ.get("STUDY_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "keras-study"


def is_file(path: Path) -> bool:
    """Whether there is such a file. False if no file can have this name, because it is too long for instance."""
    try:
        return path.is_file()
    except OSError:
        return False


def make_folder(folder: Path, *, way: str = "give another store with --store or STUDY_STORE") -> None:
    """Make a folder, and try to write in it. Raises StoreError if that fails. `way` is the way out for its message."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror}); {way}") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all. Whatever happens, `path` holds the old content or the new one."""
    path = Path(os.path.realpath(path))  # A link stays a link, and the file that it names is replaced.
    draft = path.with_name(f"{path.name}.tmp")
    try:
        _write(draft, content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def unused(folder: Path, name: str, ending: str = "") -> Path:
    """Returns a path in a folder that nothing has: with the name, or with a number behind it."""
    path, number = folder / f"{name}{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}{ending}"
    return path


def append(path: Path, lines: str, *, sync: bool = True) -> None:
    """Add lines, each of which must end in a line feed. With `sync` they are on the disk when this function returns.

    Call `cut_torn_line` once before, because a line that is added to a torn one is lost together with it.
    """
    with path.open("ab") as file:
        file.write(lines.encode())
        file.flush()
        if sync:
            os.fsync(file.fileno())


def cut_torn_line(path: Path) -> None:
    """Cut off the last line if it is torn, because its writer died or the disk was full.

    After a power cut a file may end in zeros, because the disk had not yet written its last lines. They are cut off
    too. Zeros before other bytes are left alone, because they are a damage that nobody may hide.
    """
    if path.is_file():
        with path.open("r+b") as file:
            content = file.read()
            whole = len(content.rstrip(b"\0\n"))
            zeros = content.find(b"\0", whole)
            file.truncate(content.rfind(b"\n", 0, len(content) if zeros < 0 else zeros) + 1)


def _write(path: Path, content: str | bytes) -> None:
    with path.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())  # A power cut must not leave the name without the content.


def sync(path: Path) -> None:
    """Put a file on the disk, or the names of a folder's files. Else a power cut may lose it, but keep later writes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
