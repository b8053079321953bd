"""The file in which Optuna keeps a study: mended, opened, made, and held against what is asked for now.

A Journal file costs, with one writer, a tenth of SQLite's time a trial, and cannot be contended.
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
from study.space.revision import changes, refusal, revision, thread_changes
from study.space.search_space import SearchSpace

optuna.logging.set_verbosity(optuna.logging.WARNING)


class _Writer(BaseJournalBackend):
    """The file as its only writer has it: nothing to lock, and nothing to read again that it wrote itself.

    Results alone wait for the disk, and what is before them in the file with them: whatever else a power cut takes is
    done again.
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
    """The study of a folder; None where there is none yet, or only the beginning of one."""
    journal = folder / JOURNAL
    if not journal.is_file():
        return None
    try:
        storage = JournalStorage(backend(str(journal)))
    except Exception as error:  # Optuna does not say what a line may raise that is none of its own.
        raise StoreError(f"{journal}: cannot be read: {type(error).__name__}: {error}") from error
    for name in optuna.get_all_study_names(storage):  # There is one; its folder may have been renamed.
        study = optuna.load_study(study_name=name, storage=storage, sampler=_NEVER)
        if {"id", "threads", "space"} <= study.user_attrs.keys():
            return study
        if study.get_trials(deepcopy=False):
            raise StoreError(f"{journal}: holds trials of a study that another version made; give it another name")
    return None


def begin(folder: Path, space: SearchSpace, *, threads: int | None) -> optuna.Study:
    """The study as its only writer needs it: the one that is there, or a new one.

    One without results may still become another. Raises StoreError where there are some and they do not fit.
    """
    _mend(folder / JOURNAL)
    study = load(folder, backend=_Writer)
    if study is None:
        return _make(folder, space, threads or 1)
    if not fits(study, space, threads=threads):
        return _make(folder, space, threads or study.user_attrs["threads"])
    if study.user_attrs["space"] != (now := space.to_json()):
        # First what is told of it, so that no death between the two hides a revision.
        study.set_user_attr("revisions", revisions(study, space))
        study.set_user_attr("space", now)
    return study


def fits(study: optuna.Study, space: SearchSpace, *, threads: int | None = None) -> bool:
    """Whether results of this space are the study's; raises StoreError where they are not and it has some already."""
    before = SearchSpace.from_json(study.user_attrs["space"])
    differences = [*changes(before, space), *thread_changes(study.user_attrs["threads"], threads)]
    if differences and _results(study):
        raise StoreError(refusal(space.name, differences))
    return not differences


def revisions(study: optuna.Study, space: SearchSpace) -> list[str]:
    """What decides the conclusions and changed after results were there, up to this space, a text each time."""
    known = list(study.user_attrs.get("revisions", []))
    before = SearchSpace.from_json(study.user_attrs["space"])
    last = "" if before == space else revision(before, space, results=_results(study))
    return [*known, last] if last and last not in known else known


def _results(study: optuna.Study) -> int:
    return sum("result" in trial.user_attrs for trial in study.get_trials(deepcopy=False))


def _make(folder: Path, space: SearchSpace, threads: int) -> optuna.Study:
    (folder / JOURNAL).unlink(missing_ok=True)
    study = optuna.create_study(
        study_name=folder.name,
        storage=JournalStorage(_Writer(str(folder / JOURNAL))),
        directions=[objective.direction for objective in space.objectives],
        sampler=_NEVER,
    )
    study.set_user_attr("id", uuid.uuid4().hex)
    study.set_user_attr("threads", threads)
    study.set_user_attr("space", space.to_json())
    return study


_NEVER = optuna.samplers.RandomSampler()
"""The storage's study is told its points; samplers draw, and pruners judge, in studies of their own."""


def _mend(journal: Path) -> None:
    """Remove what a dying launcher left half done."""
    # Whoever owns the study is the only writer there can be, so a lock on the journal is a dead launcher's.
    for lock in journal.parent.glob(f"{journal.name}.lock*"):
        lock.unlink()
    cut_torn_line(journal)  # A torn last line would make every later load fail.
