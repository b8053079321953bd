"""Cells that ran on another machine come into the store, each once."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from study.ledger import optuna_journal, store
from study.ledger.cell import judged
from study.ledger.ledger import Ledger
from study.ledger.stored_study import StoredStudy
from study.records import record_file
from study.records.record_file import Header, Record, RecordError
from study.space import points as design
from study.space.revision import changes, wider
from study.space.trial import TrialResult


@dataclass(frozen=True)
class Imported:
    """What came of it, in trials."""

    study: str
    imported: int
    there: int
    """The store had them, or their cell was over in it."""
    beyond: int
    """Imported ones of cells that are not in the study as the store defines it."""
    refused: tuple[tuple[int, str], ...]
    """The number of a line, and why it was not taken."""


def import_records(path: Path, root: Path) -> Imported:
    """Bring a file of records into a store, whose study is made where it has none.

    Raises StoreError where that is no such file, or where the store's study has results that were made otherwise.
    """
    header, lines = record_file.read(path)
    taken, there, refused = [], 0, []
    with _owned(root, header) as ledger:
        before = _There(ledger)
        for number, record in lines:
            try:
                if isinstance(record, RecordError):
                    raise record
                if _take(ledger, before, record):
                    taken.append(record)
                else:
                    there += 1
            except RecordError as error:
                refused.append((number, str(error)))
        known = {config.key for config in design.cells(ledger.space)}
    beyond = sum(not record.phase and record.config.key not in known for record in taken)
    return Imported(ledger.space.name, len(taken), there, beyond, tuple(refused))


def _take(ledger: Ledger, before: "_There", record: Record) -> bool:
    """Whether the ledger took a trial, as against having it; raises RecordError where it must not have it."""
    key, result = record.config.key, judged(record.result, ledger.space)
    if before.has(key, result):
        return False
    if problem := before.mixture(result):
        raise RecordError(problem)
    ledger.add_finished(record.config, result, phase=record.phase, origin=record.origin)
    before.add(key, result)
    return True


@contextmanager
def _owned(root: Path, header: Header) -> Iterator[Ledger]:
    """The ledger of the store's study, grown where the file's has more cells; a new one where there is none."""
    space, threads = header.space, header.threads
    study = optuna_journal.load(store.study_folder(root, space.name))
    if study is not None:
        ours = StoredStudy.of(study).space
        if not any(changes(ours, space)):
            # The task may be imported from another place here.
            space = replace(space, reference=ours.reference) if wider(ours, space) else ours
    # A study that is there keeps its threads: what a trial had is in its environment, and figures name a mixture.
    with Ledger.own(root, space, threads=threads if study is None else None) as ledger:
        ledger.add_revisions(header.revisions)
        yield ledger


class _There:
    """What the store has, so that nothing comes into it twice, and no data that are not the same."""

    def __init__(self, ledger: Ledger) -> None:
        self._over: set[str] = set()
        self._failed: dict[str, list[TrialResult]] = defaultdict(list)
        self._fingerprints: dict[str, str] = {}
        for claim, result in ledger.finished():
            self.add(claim.config.key, result)
            if result.state == "failed":
                self._failed[claim.config.key].append(replace(result, curve=()))

    def has(self, key: str, result: TrialResult) -> bool:
        """Whether the cell is over, or had this very attempt; of equal ones each is found once."""
        attempts, this = self._failed[key], replace(result, curve=())
        if key not in self._over and this in attempts:
            attempts.remove(this)
            return True
        return key in self._over

    def mixture(self, result: TrialResult) -> str:
        """Why the data of a trial are not those of the trials that are there; empty where they are."""
        name, theirs = _data(result)
        ours = self._fingerprints.get(name, theirs)
        if ours == theirs:
            return ""
        return f"its data are not the study's: {name} has the fingerprint {theirs[:12]}…, and here {ours[:12]}…"

    def add(self, key: str, result: TrialResult) -> None:
        """Say that a trial is there."""
        if result.state != "failed":
            self._over.add(key)
        name, fingerprint = _data(result)
        if fingerprint:
            self._fingerprints.setdefault(name, fingerprint)


def _data(result: TrialResult) -> tuple[str, str]:
    """A trial's data set, whose name says its task, version and settings, and its fingerprint; empty without any."""
    return str(result.data.get("name", "")), str(result.data.get("fingerprint", ""))
