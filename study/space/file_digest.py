"""The SHA-256 of a file or a folder. A large file is read once in a process, unless it changes."""

import hashlib
import time
from pathlib import Path

from study.space.cell_key import digest

_Stamp = tuple[int, int, int]
_KNOWN: dict[Path, tuple[_Stamp, str]] = {}
"""The digests that this process has made, and the stamps of their files at that time."""
_RECENT = 2.0
"""Seconds after a change in which another change may leave a file's time as it is."""


def file_digest(path: Path) -> str:
    """Returns the SHA-256 of a file, or of the names and bytes of all files in a folder; empty if it is gone."""
    try:
        if path.is_dir():
            files = sorted(inner for inner in path.rglob("*") if inner.is_file())
            return digest({str(inner.relative_to(path)): file_digest(inner) for inner in files})
        return _of_file(path)
    except OSError:
        return ""


def _of_file(path: Path) -> str:
    state = path.stat()
    stamp = (state.st_size, state.st_mtime_ns, state.st_ino)
    known, value = _KNOWN.get(path, ((), ""))
    if known != stamp:
        with path.open("rb") as file:
            value = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time() - state.st_mtime > _RECENT:
            _KNOWN[path] = stamp, value
    return value
