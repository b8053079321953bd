"""A file to which only this process adds lines. Each time it checks first that the file is as it left it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from study.errors import StoreError


class FileChangedError(StoreError):
    """A file was moved, emptied or replaced, or another process wrote it, while this process was its only writer."""


class _Place(NamedTuple):
    """Which file it is, and how long."""

    number: int
    size: int

    @classmethod
    def of(cls, file: int) -> "_Place":
        status = os.fstat(file)
        return cls(status.st_ino, status.st_size)


class OwnFile:
    """A file as this process left it. It is made with the first lines if there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place: _Place | None = None
        """None as long as there is no file."""
        self.last = b""
        """The last line of the file, as far as this process knows it."""
        if path.exists():
            with path.open("rb") as file:
                self._place = _Place.of(file.fileno())

    def append(self, lines: Sequence[bytes], *, sync: bool) -> None:
        """Add lines, each of which must end in a line feed. With `sync` they are on the disk when this returns.

        Raises FileChangedError, and writes nothing, if the file is not as this process left it.
        """
        file = self._open()
        try:
            before = _Place.of(file)
            if self._place is not None and before != self._place and not self._is_a_copy(file, before):
                raise self._changed(before)
            _write(file, content := b"".join(lines))
            if sync:
                os.fsync(file)
        finally:
            os.close(file)
        self._place, self.last = before._replace(size=before.size + len(content)), lines[-1]

    def _open(self) -> int:
        new = 0 if self._place else os.O_CREAT | os.O_EXCL
        try:
            return os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | new, 0o666)
        except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
            what = "another process made it" if isinstance(error, FileExistsError) else "it was moved or removed"
            raise FileChangedError(f"{self._path}: {what} while the study ran") from None

    def _is_a_copy(self, file: int, now: _Place) -> bool:
        """Whether a file is another one with the same content. Some network disks give a file a new number."""
        was, length = self._place or now, len(self.last)
        # The checksum in the last line of a journal covers all lines.
        return now.size == was.size and bool(length) and os.pread(file, length, now.size - length) == self.last

    def _changed(self, now: _Place) -> FileChangedError:
        was = self._place or now
        if now.number != was.number:
            what = "it was replaced by another file"
        elif now.size < was.size:
            what = f"it was cut from {was.size:,} bytes to {now.size:,}"
        else:
            what = f"another process added {now.size - was.size:,} bytes to it"
        return FileChangedError(f"{self._path}: {what} while the study ran")


def _write(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:  # A disk that becomes full takes a part of it, and refuses the rest.
        left = left[os.write(file, left) :]
