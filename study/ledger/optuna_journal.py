"""The file in which Optuna keeps a study: how it is mended, opened and made.

With one writer a Journal file takes a tenth of SQLite's time for a trial, and nobody waits for a lock.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend, JournalFileBackend

from study.errors import StoreError
from study.files import cut_torn_line
from study.ledger.store import JOURNAL
from study.ledger.stored_study import ATTRIBUTES, StoredStudy
from study.space.search_space import SearchSpace

optuna.logging.set_verbosity(optuna.logging.WARNING)


class _Writer(BaseJournalBackend):
    """The file for its only writer, which locks nothing and does not read again what it wrote itself.

    Only results are forced to the disk, together with all that is before them in the file. Whatever else a power cut
    takes is done again.
    """

    def __init__(self, journal: str) -> None:
        self._journal = Path(journal)
        self._unread: Iterable[dict[str, Any]] = JournalFileBackend(journal).read_logs(0)

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        unread, self._unread = self._unread, ()
        return unread

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        with self._journal.open("ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            if any("result" in log.get("user_attr", ()) for log in logs):
                os.fsync(file.fileno())
        self._unread = [*self._unread, *map(json.loads, lines)]


def load(folder: Path, *, backend: Callable[[str], BaseJournalBackend] = JournalFileBackend) -> optuna.Study | None:
    """Returns the study of a folder; None if there is none yet, or only the beginning of one."""
    journal = folder / JOURNAL
    if not journal.is_file():
        return None
    try:
        storage = JournalStorage(backend(str(journal)))
    except Exception as error:  # Optuna does not document what a line of another program may raise.
        raise StoreError(f"{journal}: cannot be read: {type(error).__name__}: {error}") from error
    for name in optuna.get_all_study_names(storage):  # There is one; its folder may have been renamed.
        study = optuna.load_study(study_name=name, storage=storage, sampler=_NO_SAMPLER)
        if study.user_attrs.keys() >= ATTRIBUTES:
            return study
        if study.get_trials(deepcopy=False):
            raise StoreError(f"{journal}: holds trials of a study that another version made; give it another name")
    return None


def begin(folder: Path, space: SearchSpace, *, threads: int | None) -> tuple[optuna.Study, StoredStudy]:
    """The study of a folder for its only writer: the one that is there, or a new one.

    A study without results may still become another one. Raises StoreError if it has results that do not fit.
    """
    _mend(folder / JOURNAL)
    study = load(folder, backend=_Writer)
    if study is None:
        return _make(folder, space, threads or 1)
    stored = StoredStudy.of(study)
    if not stored.accepts(space, threads=threads):
        return _make(folder, space, threads or stored.threads)
    now = stored.revised(space)
    if now.definition != stored.definition:
        # The revision first, so that no death between the two writes hides it.
        study.set_user_attr("revisions", list(now.revisions))
        study.set_user_attr("space", now.definition)
    return study, now


def _make(folder: Path, space: SearchSpace, threads: int) -> tuple[optuna.Study, StoredStudy]:
    (folder / JOURNAL).unlink(missing_ok=True)
    study = optuna.create_study(
        study_name=folder.name,
        storage=JournalStorage(_Writer(str(folder / JOURNAL))),
        directions=[objective.direction for objective in space.objectives],
        sampler=_NO_SAMPLER,
    )
    study.set_user_attr("id", uuid.uuid4().hex)
    study.set_user_attr("threads", threads)
    study.set_user_attr("space", space.to_json())
    return study, StoredStudy.of(study)


_NO_SAMPLER = optuna.samplers.RandomSampler()
"""The stored study samples nothing: samplers and pruners work in studies of their own."""


def _mend(journal: Path) -> None:
    """Remove what a dying launcher left half done."""
    # The owner of the study is its only writer, so a lock on the journal belongs to a launcher that is dead.
    for lock in journal.parent.glob(f"{journal.name}.lock*"):
        lock.unlink()
    cut_torn_line(journal)  # A torn last line would make every later load fail.
