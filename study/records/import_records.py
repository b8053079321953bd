"""Import of cells that ran on another machine: each comes into the store once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from study.errors import StoreError
from study.ledger import optuna_journal, store
from study.ledger.cell import judged
from study.ledger.codes import Codes, codes_of_cells, count_cells, join
from study.ledger.data_sets import DataSets
from study.ledger.ledger import Ledger
from study.ledger.stored_study import StoredStudy
from study.records import record_file
from study.records.record_file import Header, Record, RecordError
from study.space.points import listed_cells
from study.space.revision import changes, wider
from study.space.search_space import SearchSpace
from study.space.task_code import code_of, task_code
from study.space.task_loading import BUILT_IN
from study.space.trial import TrialResult
from study.space.untrusted_task import is_untrusted, trusted, untrusted


@dataclass(frozen=True)
class Imported:
    """The outcome of an import, in trials."""

    study: str
    imported: int
    already_there: int
    """Trials that the store had already, or whose cell was over in the store."""
    beyond: int
    """Imported trials of cells that the store's definition of the study does not contain."""
    refused: tuple[tuple[int, str], ...]
    """The number of each line that was not imported, and the reason."""
    untrusted: str = ""
    """The task that the file names, if its code may not run before the user says so; else empty."""


def import_records(path: Path, root: Path, *, accept: bool = False, trust: bool = False) -> Imported:
    """Import a file of records into a store, and make the study if the store has none of this name.

    No code of the task that the file names runs here, nor later, unless the user says `trust`, or a study of the store
    has this very code, or the task is built in.

    Raises StoreError if it is not a file of records, if it would change results of the store's study, or if other code
    of the task made its cells and the user does not `accept` that.
    """
    header, read = record_file.read(path)
    lines = list(read)
    stored = _stored(root, header)
    codes = _joined_codes(path, header, [record for _, record in lines], stored, accept=accept)
    imported, already_there, refused = [], 0, []
    with _owned(root, header, stored, trust=trust) as ledger:
        ledger.add_codes(codes)
        before = _StoredTrials(ledger)
        for number, record in lines:
            try:
                if isinstance(record, RecordError):
                    raise record
                if _import_trial(ledger, before, record):
                    imported.append(record)
                else:
                    already_there += 1
            except RecordError as error:
                refused.append((number, str(error)))
        study_keys = {config.key for config in listed_cells(ledger.space)}
    beyond = sum(not record.phase and record.config.key not in study_keys for record in imported)
    reference = ledger.space.reference
    untrusted = trusted(reference) if is_untrusted(reference) else ""
    return Imported(ledger.space.name, len(imported), already_there, beyond, tuple(refused), untrusted)


def _import_trial(ledger: Ledger, before: "_StoredTrials", record: Record) -> bool:
    """Import one trial. Returns whether it was new. Raises RecordError if it does not belong in the study."""
    key, result = record.config.key, judged(record.result, ledger.space)
    if before.has(key, result):
        return False
    if problem := before.data_sets.difference(result.data):
        raise RecordError(problem)
    ledger.add_finished(record.config, result, phase=record.phase, origin=record.origin)
    before.add(key, result)
    return True


def _stored(root: Path, header: Header) -> StoredStudy | None:
    study = optuna_journal.load(store.study_folder(root, header.space.name))
    return None if study is None else StoredStudy.of(study)


def _joined_codes(
    path: Path, header: Header, records: Iterable[Record | RecordError], stored: StoredStudy | None, *, accept: bool
) -> Codes:
    """Returns the codes of the study with those of the cells that come into it."""
    ours = stored.code_of_cell if stored else {}
    whole = (record for record in records if isinstance(record, Record) and record.config.key not in ours)
    theirs = codes_of_cells((record.config.key, record.result.state, record.result.code) for record in whole)
    codes = (stored.codes if stored else Codes()).united(header.codes)
    return join(codes, count_cells(ours), count_cells(theirs), accept=accept, path=str(path))


@contextmanager
def _owned(root: Path, header: Header, stored: StoredStudy | None, *, trust: bool) -> Iterator[Ledger]:
    """Yields the ledger of the store's study, which takes over the file's definition if that has more cells."""
    space, threads = _judged(header.space, root, trust=trust), header.threads
    if stored is not None:
        ours = stored.space
        if not any(changes(ours, space)):
            # On this machine the task may have another path. The user's word may be newer than the stored study.
            reference = trusted(ours.reference) if trust else ours.reference
            space = replace(space if wider(ours, space) else ours, reference=reference)
    # The store's study keeps its threads. A trial's own threads are in its environment, and figures report a mixture.
    with Ledger.own(root, space, threads=threads if stored is None else None, restore=True) as ledger:
        ledger.add_revisions(header.revisions)
        yield ledger


def _judged(space: SearchSpace, root: Path, *, trust: bool) -> SearchSpace:
    """Returns the file's definition of the study, whose task is marked unless its code may run."""
    reference = trusted(space.reference)
    if trust or reference in BUILT_IN or _is_known(reference, root):
        return replace(space, reference=reference)
    return replace(space, reference=untrusted(reference))


def _is_known(reference: str, root: Path) -> bool:
    """Whether a study of the store runs the very code that this reference names here. Nothing is imported."""
    made_by = task_code(reference, folder=Path()).fingerprint
    return bool(made_by) and any(code_of(space).fingerprint == made_by for space in _stored_spaces(root))


def _stored_spaces(root: Path) -> Iterator[SearchSpace]:
    for name in store.names(root):
        with suppress(StoreError):  # It is damaged, and says so if it is needed.
            if study := optuna_journal.load(store.study_folder(root, name)):
                yield StoredStudy.of(study).space


class _StoredTrials:
    """The trials in the store. They show whether a new trial is a duplicate or was trained on other data."""

    def __init__(self, ledger: Ledger) -> None:
        self._over: set[str] = set()
        self._failed: dict[str, list[TrialResult]] = defaultdict(list)
        self.data_sets = DataSets()
        for trial, result in ledger.finished():
            self.add(trial.config.key, result)
            if result.state == "failed":
                self._failed[trial.config.key].append(replace(result, curve=()))

    def has(self, key: str, result: TrialResult) -> bool:
        """Whether the cell is over, or the store has this failed attempt. Each stored attempt matches only once."""
        attempts, this = self._failed[key], replace(result, curve=())
        if key not in self._over and this in attempts:
            attempts.remove(this)
            return True
        return key in self._over

    def add(self, key: str, result: TrialResult) -> None:
        """Note that a trial is in the store."""
        if result.state != "failed":
            self._over.add(key)
        self.data_sets.add(result.data)
