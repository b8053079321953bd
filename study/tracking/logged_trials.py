"""The list of the trials that are logged. Because of it, a study that has nothing to log need not ask MLflow."""

from pathlib import Path

from study.files import cut_torn_line, write_whole
from study.ledger.ledger import Ledger
from study.space.cell_key import digest
from study.tracking.connection import database_number, may_have_log, server, tracking_uri
from study.tracking.logged_rows import count_runs

_CLOSED = "closed"


class LoggedTrials:
    """A file in the study's folder with a line for each logged trial. One more line says that the parent run ended."""

    def __init__(self, ledger: Ledger, store: Path) -> None:
        self._folder, self._store, self._study = ledger.folder, store, ledger.space.name
        _take_over(ledger.folder / f"logged-{digest(tracking_uri(store))[:8]}", self._path)
        if not may_have_log(store):
            self._path.unlink(missing_ok=True)
        # A killed launcher may have written part of a last line. It does not count.
        path = self._path
        self._lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []

    @property
    def _path(self) -> Path:
        """One file for each address of MLflow, and for each database there, so that a new one gets everything."""
        # The database may be made only now, before the first trial is logged.
        number = 0 if server() else database_number(self._store)
        about = {"address": tracking_uri(self._store), "views": True, **({"database": number} if number else {})}
        return self._folder / f"logged-{digest(about)[:8]}"

    @property
    def trials(self) -> set[int]:
        """The numbers of the logged trials."""
        return {int(line) for line in self._lines if line.isdecimal()}

    @property
    def closed(self) -> bool:
        """Whether the launcher that wrote the list ended the parent run too."""
        return not self._lines or self._lines[-1] == _CLOSED

    def add(self, trial: int) -> None:
        """Record that a trial is logged."""
        self._write(str(trial))

    def forget_lost(self) -> None:
        """Forget everything if the store's database has fewer runs than are noted, because it is an older copy."""
        if not server() and count_runs(self._store, self._study) < len(self.trials):
            self.forget()

    def forget(self) -> None:
        """Record that nothing is logged. What MLflow has is not logged twice."""
        self._path.unlink(missing_ok=True)
        self._lines = []

    def close(self) -> None:
        """Record that the parent run was ended."""
        self._write(_CLOSED)

    def _write(self, line: str) -> None:
        # Otherwise a partial number and the next one would form the number of a trial that was not logged.
        cut_torn_line(path := self._path)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _take_over(earlier: Path, now: Path) -> None:
    """Take over the list of a version that saved no views: it is not closed, so that the views are saved."""
    if not earlier.exists():
        return
    if not now.exists():
        lines = earlier.read_text(encoding="utf-8").split("\n")[:-1]
        write_whole(now, "".join(f"{line}\n" for line in lines if line.isdecimal()))
    earlier.unlink()
