"""Cells that ran on another machine come into the store, each once."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from study import design, exchange, journal, store
from study.cell import judged
from study.exchange import Header, RecordError
from study.growth import changes, wider
from study.ledger import Ledger
from study.space import SearchSpace
from study.trial import TrialResult


@dataclass
class Imported:
    """What came of it."""

    study: str
    imported: int = 0
    there: int = 0
    """Trials that the store had, or whose cell was over in it."""
    beyond: int = 0
    """Imported ones of cells that are not in the study as the store defines it."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """The number of a line, and why it was not taken."""


def import_records(path: Path, root: Path) -> Imported:
    """Bring a file of records into a store, whose study is made where it has none.

    Raises StoreError where that is no such file, or where the store's study has results that were made otherwise.
    """
    header, lines = exchange.read(path)
    with _owned(root, header) as ledger:
        there, done = _There(ledger), Imported(ledger.space.name)
        known = {config.key for config in design.cells(ledger.space)}
        for number, record in lines:
            if isinstance(record, RecordError):
                done.refused.append((number, str(record)))
                continue
            result = judged(record.result, ledger.space)
            if there.has(record.config.key, result):
                done.there += 1
            elif problem := there.mixture(result):
                done.refused.append((number, problem))
            else:
                ledger.take(record.config, result, phase=record.phase, drawn=record.drawn)
                there.add(record.config.key, result)
                done.imported += 1
                done.beyond += not record.phase and record.config.key not in known
    return done


@contextmanager
def _owned(root: Path, header: Header) -> Iterator[Ledger]:
    """The ledger of the store's study, grown where the file's has more cells; a new one where there is none."""
    space, threads = header.space, header.threads
    study = journal.load(store.study_folder(root, space.name))
    if study is not None:
        ours = SearchSpace.from_json(study.user_attrs["space"])
        if not any(changes(ours, space)):
            # The task may be imported from another place here.
            space = replace(space, reference=ours.reference) if wider(ours, space) else ours
    # A study that is there keeps its threads: what a trial had is in its environment, and figures name a mixture.
    with Ledger.own(root, space, threads=threads if study is None else None) as ledger:
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
