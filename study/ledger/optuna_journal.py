"""Makes, opens and repairs the file in which Optuna keeps a study.

With one writer, a journal takes a tenth of SQLite's time for each trial, and nobody waits for a lock.
"""

import uuid
from pathlib import Path

import optuna
from optuna.storages import JournalStorage

from study.engines.cell_folder import CURVE
from study.errors import StoreError
from study.files import cut_torn_line, sync
from study.ledger.codes import Codes
from study.ledger.dashboard import show_in_dashboard
from study.ledger.garbage import no_collection
from study.ledger.journal_damage import cut_zeros, damage_message
from study.ledger.journal_file import JournalReader, JournalWriter
from study.ledger.store import JOURNAL
from study.ledger.stored_study import ATTRIBUTES, StoredStudy
from study.space.search_space import SearchSpace
from study.space.task_code import TaskCode

optuna.logging.set_verbosity(optuna.logging.WARNING)


@no_collection()
def load(folder: Path, *, backend: type[JournalReader] = JournalReader) -> optuna.Study | None:
    """Returns the study of a folder. None if there is none yet, or if its making was cut off."""
    journal = folder / JOURNAL
    if not journal.is_file():
        return None
    try:
        storage = JournalStorage(backend(journal))
    except Exception as error:  # Optuna does not document what a line of another program may raise.
        raise StoreError(damage_message(journal, error)) from error
    for name in optuna.get_all_study_names(storage):  # There is only one. Its name may differ from the folder's.
        study = optuna.load_study(study_name=name, storage=storage, sampler=_NO_SAMPLER)
        if study.user_attrs.keys() >= ATTRIBUTES:
            return study
        if study.get_trials(deepcopy=False):
            missing = ", ".join(sorted(ATTRIBUTES - study.user_attrs.keys()))
            raise StoreError(
                f"{journal}: another version made its study (without {missing}) and its trials; give it another name"
            )
    return None


def begin(
    folder: Path, space: SearchSpace, *, threads: int | None, code: TaskCode, accept: bool, restore: bool
) -> tuple[optuna.Study, StoredStudy]:
    """Open the study of a folder for its only writer. Makes a new study if there is none.

    A study that does not fit is replaced if it has no results. Raises StoreError if it has results, or if other code of
    the task made some of its cells and the user does not accept that. Also raises it if the journal is lost, unless
    `restore` says that its results come now.
    """
    study = load(folder, backend=JournalWriter)
    if study is None:
        if not restore and (problem := lost_journal(folder)):
            raise StoreError(problem)
        return _make(folder, space, threads or 1, code)
    stored = StoredStudy.of(study)
    if not stored.accepts(space, threads=threads):
        return _make(folder, space, threads or stored.threads, code)
    now = stored.revised(space).with_code(code, accept=accept)
    if now.codes != stored.codes:
        study.set_user_attr("codes", now.codes.to_json())
    if now.definition != stored.definition:
        # The revision is written first, so that a kill between the two writes cannot hide it.
        study.set_user_attr("revisions", list(now.revisions))
        study.set_user_attr("space", now.definition)
    show_in_dashboard(study, space, before=stored.space)
    return study, now


def lost_journal(folder: Path) -> str:
    """Says that the journal was moved, removed or emptied, so that cells would run a second time, and the way out.

    Call it if `load` finds no study. Empty if no cell has run.
    """
    if not (curves := [*folder.glob(f"cells/*/{CURVE}")]):
        return ""
    journal = folder / JOURNAL
    what = "holds no study" if journal.exists() else "is missing"
    have = "1 cell of it has" if len(curves) == 1 else f"{len(curves):,} cells of it have"
    way = f"put it back, `study import` results that were kept, or move {folder} away to begin anew"
    return f"{journal}: {what}, but {have} run; {way}"


def _make(folder: Path, space: SearchSpace, threads: int, code: TaskCode) -> tuple[optuna.Study, StoredStudy]:
    (folder / JOURNAL).unlink(missing_ok=True)
    study = optuna.create_study(
        study_name=folder.name,
        storage=JournalStorage(JournalWriter(folder / JOURNAL)),
        directions=[objective.direction for objective in space.objectives],
        sampler=_NO_SAMPLER,
    )
    study.set_user_attr("id", uuid.uuid4().hex)
    study.set_user_attr("threads", threads)
    study.set_user_attr("space", space.to_json())
    if code.fingerprint:
        study.set_user_attr("codes", Codes().with_code(code).to_json())
    show_in_dashboard(study, space, before=space)
    sync(folder / JOURNAL)  # A power cut must not leave the first curve without its study.
    return study, StoredStudy.of(study)


_NO_SAMPLER = optuna.samplers.RandomSampler()
"""The stored study never samples, because samplers and pruners work in studies of their own."""


def mend(folder: Path) -> str:
    """Remove the locks, the torn last line and the zeros that a killed launcher or a power cut left in a folder.

    Call this before `begin`. Returns a line about what its user must know; empty if there is nothing. Raises StoreError
    if the journal is damaged in another way.
    """
    journal = folder / JOURNAL
    # The owner of the study is its only writer, so a lock on the journal belongs to a launcher that is dead.
    for lock in journal.parent.glob(f"{journal.name}.lock*"):
        lock.unlink()
    cut_torn_line(journal)  # A torn last line would make every later load fail.
    return cut_zeros(journal)
