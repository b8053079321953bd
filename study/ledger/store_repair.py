"""Sets aside what does not fit in a study's folder, so that the cells concerned run again. Copies of it stay."""

import json
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from optuna.storages.journal._storage import JournalOperation
from optuna.trial import TrialState

from study.files import write_whole
from study.ledger import optuna_journal, store
from study.ledger.journal_damage import copy_aside, cut_off
from study.ledger.journal_file import JournalReader, JournalWriter
from study.ledger.journal_sums import JournalSums
from study.ledger.store import JOURNAL
from study.ledger.store_check import Finding, check_study

_LOST = "set aside by study verify-store --repair"
_ASIDE = "set-aside"
"""The folder, beside those of the cells, of the folders that belong to no trial."""


def repair_study(root: Path, name: str) -> list[str]:
    """Set aside what does not fit in a study's folder. Returns what was done, a line each; empty if all fits.

    Raises StoreError if a process runs the study.
    """
    folder = store.study_folder(root, name)
    with store.owned(folder):
        done = [*_cut(folder, check_study(root, name).findings)]
        findings = check_study(root, name).findings  # What was cut off is no finding any more, and may leave orphans.
        return [*done, *_drop_results(folder, findings), *_move_orphans(folder, findings)]


def _cut(folder: Path, findings: Collection[Finding]) -> Iterator[str]:
    """Cut a journal that cannot be read before its first wrong line."""
    journal = folder / JOURNAL
    for finding in findings:
        if finding.cut:
            copy = cut_off(journal, finding.cut)
            # Trials to come have the numbers of those that are cut off. As another study, they are logged all the same.
            study = optuna_journal.load(folder, backend=JournalWriter)
            if study:
                study.set_user_attr("id", uuid.uuid4().hex)
            left = "" if study else ", and what is left does not hold the study"
            yield f"{journal}: was cut to its first {finding.cut:,} bytes{left}; the whole file is {copy}"


def _drop_results(folder: Path, findings: Collection[Finding]) -> Iterator[str]:
    """Take the results that cannot be used out of a journal. Their cells are missing again."""
    journal = folder / JOURNAL
    if trials := {finding.trial for finding in findings if finding.trial is not None}:
        copy = copy_aside(journal)
        sums = JournalSums()
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in _without(journal, trials)]
        write_whole(journal, b"".join(sums.seal(line.encode()) for line in lines))
        noun = "1 result was" if len(trials) == 1 else f"{len(trials)} results were"
        yield f"{journal}: {noun} set aside, and the cells run again; the file as it was is {copy}"


def _without(journal: Path, trials: Collection[int | None]) -> Iterator[dict[str, Any]]:
    """Yields the lines of a journal as if these trials had been lost, without any checksum."""
    for log in JournalReader(journal).read_logs(0):
        log.pop("sum", None)
        if log.get("trial_id") in trials:
            if log["op_code"] == JournalOperation.SET_TRIAL_USER_ATTR and "result" in log["user_attr"]:
                log["user_attr"] = {"lost": _LOST}
            elif log["op_code"] == JournalOperation.SET_TRIAL_STATE_VALUES and log["state"] != TrialState.RUNNING:
                log |= {"state": TrialState.FAIL, "values": None}
        yield log


def _move_orphans(folder: Path, findings: Collection[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.orphan:
            aside = folder / _ASIDE / finding.place.name
            aside.parent.mkdir(exist_ok=True)
            while aside.exists():
                aside = aside.with_name(f"{aside.name}-again")
            finding.place.rename(aside)
            yield f"{finding.place}: was moved to {aside}"
