"""Reads everything that a study's folder holds and says what does not fit: `study verify-store`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial

from study.engines.cell_folder import folder_name
from study.errors import StoreError, StudyError
from study.ledger import holdout, optuna_journal, store
from study.ledger.curves import CurveError, Curves
from study.ledger.history import CHECKS, result_of
from study.ledger.journal_damage import first_wrong_line
from study.ledger.journal_sums import is_sealed
from study.ledger.store import JOURNAL
from study.ledger.stored_study import StoredStudy
from study.space.search_space import SearchSpace
from study.space.trial import WITH_CURVE


@dataclass(frozen=True)
class Finding:
    """Something in a study's folder that does not fit."""

    place: Path
    problem: str
    trial: int | None = None
    """The trial whose result cannot be used because of it; None if no result is concerned."""
    cut: int | None = None
    """How many bytes of the journal can still be used; None if the journal can be read."""
    orphan: bool = False
    """Whether the place is a folder that belongs to no trial."""

    @property
    def can_be_repaired(self) -> bool:
        """Whether what does not fit can be set aside."""
        return self.trial is not None or bool(self.cut) or self.orphan

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@dataclass(frozen=True)
class Checked:
    """What was read of a study, and what does not fit."""

    study: str
    results: int = 0
    older: int = 0
    """How many results an earlier version wrote, so that nothing says whether their curves are as they were."""
    findings: tuple[Finding, ...] = ()


def check_study(root: Path, name: str) -> Checked:
    """Read the whole folder of a study, and compare it with the checksums in the journal."""
    folder = store.study_folder(root, name)
    openings = [Finding(folder, str(error)) for error in _problem_of_openings(folder)]
    try:
        study = optuna_journal.load(folder)
    except StoreError as error:
        cut = first_wrong_line((folder / JOURNAL).read_bytes())
        return Checked(name, findings=(Finding(folder / JOURNAL, _reason(error, folder / JOURNAL), cut=cut), *openings))
    if study is None:
        # Without its journal nobody knows what the cells are, so they stay where they are.
        journal = folder / JOURNAL
        problem = optuna_journal.lost_journal(folder) or "its making was cut off; `study run` makes it again"
        return Checked(name, findings=(Finding(journal, problem.removeprefix(f"{journal}: ")), *openings))
    all_trials = study.get_trials(deepcopy=False)
    trials = [trial for trial in all_trials if "result" in trial.user_attrs]
    findings = [
        *_foreign_lines(folder / JOURNAL),
        *_wrong_results(folder, study, trials),
        *_orphans(folder, all_trials),
    ]
    older = sum(CHECKS not in trial.user_attrs["result"] for trial in trials)
    return Checked(name, len(trials), older, (*findings, *openings))


def _problem_of_openings(folder: Path) -> Iterator[StoreError]:
    try:
        holdout.read_openings(folder)
    except StoreError as error:
        yield error


def _reason(error: StoreError, journal: Path) -> str:
    return str(error).removeprefix(f"{journal}: ")


def _foreign_lines(journal: Path) -> Iterator[Finding]:
    """Yields a finding for each line without a checksum behind one with a checksum."""
    sealed = False
    with journal.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if sealed and line.endswith(b"\n") and not is_sealed(line):
                yield Finding(journal, f"line {number} was written by another program, or by an earlier version")
            sealed |= is_sealed(line)


def _wrong_results(folder: Path, study: optuna.Study, trials: list[FrozenTrial]) -> Iterator[Finding]:
    space, curves = StoredStudy.of(study).space, Curves(folder / "cells")
    last = {trial.user_attrs["cell"]["key"]: trial.number for trial in study.get_trials(deepcopy=False)}
    over: set[str] = set()
    for trial in trials:
        key, state = trial.user_attrs["cell"]["key"], trial.user_attrs["result"]["state"]
        problem = _problem(space, trial)
        if not problem and state in WITH_CURVE:
            problem = f"cell {key[:12]}… was over already" if key in over else ""
            if not problem and last[key] == trial.number:
                problem = _problem_of_curve(curves, key, trial)
        if problem:
            yield Finding(folder / JOURNAL, f"trial {trial.number}: {problem}", trial=trial.number)
        elif state != "failed":
            over.add(key)


def _problem(space: SearchSpace, trial: FrozenTrial) -> str:
    """Says why a trial cannot be one of its cell's; empty if it can."""
    cell = trial.user_attrs["cell"]
    try:
        result_of(trial)
        made = space.config(cell["point"], seed=cell["seed"]).key
    except (StudyError, ValueError, LookupError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return "" if made == cell["key"] else f"its point and seed do not make its key, {cell['key'][:12]}…"


def _problem_of_curve(curves: Curves, key: str, trial: FrozenTrial) -> str:
    result = trial.user_attrs["result"]
    try:
        there = curves.read(key, known=str(result.get(CHECKS, {}).get("curve", "")))
    except CurveError as error:
        return str(error).partition(";")[0]
    return "" if there or result.get("final") or CHECKS in result else f"{curves.path(key)}: is missing"


def _orphans(folder: Path, trials: Iterable[FrozenTrial]) -> Iterator[Finding]:
    known = {folder_name(trial.user_attrs["cell"]["key"]) for trial in trials}
    for path in sorted((folder / "cells").glob("*")):
        if path.name not in known:
            yield Finding(path, "belongs to no trial of the study", orphan=True)
