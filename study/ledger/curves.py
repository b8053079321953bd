"""The curve of each cell: the metrics of its epochs, in a file of the cell's folder. The journal holds its SHA-256."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from study.engines.cell_folder import CURVE, folder_name
from study.errors import StoreError
from study.files import write_whole
from study.space.trial import Metrics

_WAY_OUT = "put it back from a copy of the store, or have the cell run again: study verify-store --repair"


class CurveError(StoreError):
    """A curve is missing, damaged, or not the one that the journal knows."""


class Curves:
    """The curves below the folder of all cells. `known` is the SHA-256 of a curve's file; empty if nobody knows it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, key: str, curve: Iterable[Metrics]) -> str:
        """Write the curve of the cell with this key, whole or not at all. Returns the SHA-256 of its file."""
        content = "".join(json.dumps(dict(metrics)) + "\n" for metrics in curve).encode()
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        return hashlib.sha256(content).hexdigest()

    def read(self, key: str, *, known: str) -> list[Metrics]:
        """Returns the metrics of each epoch, the first epoch first. Raises CurveError."""
        return self._parsed(key, self._lines(key, known))

    def last(self, key: str, *, known: str) -> list[Metrics]:
        """Returns the metrics of the last epoch as a list of one; empty if there is none. Raises CurveError."""
        return self._parsed(key, self._lines(key, known)[-1:])

    def _lines(self, key: str, known: str) -> list[str]:
        path = self.path(key)
        try:
            if path.exists() and not path.is_file():  # To read a pipe would never end.
                raise CurveError(f"{path}: is no file; {_WAY_OUT}")
            content = path.read_bytes()
            if known and hashlib.sha256(content).hexdigest() != known:
                raise CurveError(f"{path}: is not the curve that was recorded; {_WAY_OUT}")
            return content.decode().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            if known:
                raise CurveError(f"{path}: is missing; {_WAY_OUT}") from None
            return []
        except ValueError as error:
            raise self._damaged(key, error) from error

    def _parsed(self, key: str, lines: Sequence[str]) -> list[Metrics]:
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise self._damaged(key, error) from error

    def _damaged(self, key: str, error: ValueError) -> CurveError:
        return CurveError(f"{self.path(key)}: is damaged ({error}); {_WAY_OUT}")

    def path(self, key: str) -> Path:
        """Returns the file of the curve of the cell with this key."""
        return self._folder / folder_name(key) / CURVE
