"""The files that the callbacks of a trial write: they lie in a folder of the trial, and survive a kill."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PATHS = ("filepath", "filename", "backup_dir", "log_dir")
"""Attributes in which Keras's callbacks keep where they write."""


class CallbackFiles:
    """The folder of the files of a trial's callbacks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = folder.with_name(f"{folder.name}.kept")
        """While an interrupted trial is resumed, its files lie here."""

    def take(self, callbacks: Iterable[Any]) -> None:
        """Have Keras's callbacks write into the folder wherever the task names a relative path."""
        for callback in callbacks:
            for name in _PATHS:
                if isinstance(path := vars(callback).get(name), str):
                    setattr(callback, name, str(self._folder / path))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Make the folder the current one, because a user's callback may write to a relative path."""
        before = Path.cwd()
        self._folder.mkdir(parents=True, exist_ok=True)
        os.chdir(self._folder)
        try:
            yield
        finally:
            os.chdir(before)

    def sizes(self) -> dict[str, int]:
        """Returns the bytes of each file, by its path in the folder."""
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self._folder)): path.stat().st_size for path in files}

    def remove(self) -> None:
        """Remove all files, because the trial begins from its beginning."""
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.rmtree(self._kept, ignore_errors=True)

    def set_aside(self) -> None:
        """Put the files of an interrupted trial aside. Its callbacks then see its epochs again, and may write anew."""
        if self._kept.exists():  # This trial was interrupted while it was resumed.
            shutil.rmtree(self._folder, ignore_errors=True)
        elif self._folder.exists():
            self._folder.rename(self._kept)

    def put_back(self, sizes: Mapping[str, int]) -> None:
        """Put the files back as they were when they had these sizes.

        What was written later is cut off. The files that were written meanwhile stay open, so that they are filled
        and not replaced.
        """
        for name, size in sizes.items():
            if (kept := self._kept / name).is_file():
                _fill(self._folder / name, kept, size)
        shutil.rmtree(self._kept, ignore_errors=True)

    def tidy(self) -> None:
        """Remove the folder if nothing was written."""
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()


def _fill(file: Path, kept: Path, size: int) -> None:
    """Give a file the first bytes of another one, which goes."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        kept.rename(file)
        os.truncate(file, min(size, file.stat().st_size))
        return
    with file.open("r+b") as target:
        target.write(kept.read_bytes()[:size])
        target.truncate()
