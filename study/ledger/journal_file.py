"""The file of a journal as Optuna's storage reads and writes it, with a checksum in each line."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend, JournalFileBackend

from study.ledger.journal_sums import JournalSums
from study.ledger.own_file import OwnFile


class JournalReader(BaseJournalBackend):
    """Reads the lines of a journal, and those that its writer adds meanwhile. A last line that is torn does not count.

    Raises ValueError at a line that is no JSON or whose checksum does not fit.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._sums = JournalSums()
        self._at = 0
        """Where the next line begins."""
        self._last = b""
        """The last line that was read."""

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yields the lines that were not read before. Optuna asks for them in their order."""
        with self._journal.open("rb") as file:
            file.seek(self._at)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._at += len(line)
                yield self._parsed(line)

    def _parsed(self, line: bytes) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(line)
        if not self._sums.fits(line):
            raise ValueError("its checksum does not fit")
        self._last = line
        return content

    def append_logs(self, logs: Sequence[dict[str, Any]]) -> None:
        """Add lines as any program does that knows Optuna alone, such as a note in optuna-dashboard."""
        JournalFileBackend(str(self._journal)).append_logs(list(logs))


class JournalWriter(JournalReader):
    """The journal for its only writer. It needs no lock, and does not read its own lines again.

    Only results are forced to the disk, with everything before them in the file. Work that a power cut destroys is done
    again.
    """

    def __init__(self, journal: Path) -> None:
        super().__init__(journal)
        self._file = OwnFile(journal)
        self._unread: list[dict[str, Any]] = []
        self._read = not journal.exists()

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yields every line of the file the first time, then each line that was written since the last call."""
        if not self._read:
            self._read = True
            yield from super().read_logs(0)
            self._file.last = self._last
        unread, self._unread = self._unread, []
        yield from unread

    def append_logs(self, logs: Sequence[dict[str, Any]]) -> None:
        """Add lines. Raises FileChangedError, and writes nothing, if the file is not as this process left it."""
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        has_result = any("result" in log.get("user_attr", ()) for log in logs)
        self._file.append([self._sums.seal(line.encode()) for line in lines], sync=has_result)
        self._unread += map(json.loads, lines)
