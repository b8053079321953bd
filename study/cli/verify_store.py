"""`study verify-store`: read all that a store holds, say what does not fit, and set it aside if asked to."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from study.cli.exit_status import DONE, SOME_FAILED
from study.errors import StoreError, StudyError
from study.ledger.ledger import Ledger
from study.ledger.store import names
from study.ledger.store_check import check_study
from study.ledger.store_repair import repair_study
from study.space.printable import printable
from study.tracking.lacking_runs import lacking_runs
from study.tracking.logged_trials import LoggedTrials


def execute(arguments: argparse.Namespace) -> int:
    """Check every study of the store. Returns the exit status: 1 if anything does not fit."""
    store: Path = arguments.store
    if not (known := names(store)):
        raise StoreError(f"{store} holds no study yet; --store DIR or STUDY_STORE names another folder")
    fits = [_verify(store, name, repair=arguments.repair) for name in known]
    return DONE if all(fits) else SOME_FAILED


def _verify(store: Path, name: str, *, repair: bool) -> bool:
    """Print what does not fit in a study, and repair it if asked to. Returns whether all fits in the end."""
    if repair:
        for line in [*repair_study(store, name), *_forget_lacking(store, name)]:
            print(printable(line))
    checked = check_study(store, name)
    lacking = [*_lacking(store, name)]
    problems = [*map(str, checked.findings), *lacking]
    for problem in problems:
        print(printable(f"study {name}: {problem}"), file=sys.stderr)
    older = f", {checked.older} of them without a checksum, from an earlier version" if checked.older else ""
    noun = "result" if checked.results == 1 else "results"
    can_be = bool(lacking) or any(finding.can_be_repaired for finding in checked.findings)
    way = "; --repair sets it aside, and its cells run again" if can_be and not repair else ""
    end = (
        f"{len(problems)} {'thing does' if len(problems) == 1 else 'things do'} not fit{way}"
        if problems
        else "all fits"
    )
    print(f"study {name}: {checked.results} {noun}{older}: {end}")
    return not problems


def _lacking(store: Path, name: str) -> Iterator[str]:
    try:
        if trials := lacking_runs(Ledger.read(store, name), store):
            numbers = ", ".join(map(str, trials[:5])) + (", …" if len(trials) > 5 else "")
            noun = "trial" if len(trials) == 1 else "trials"
            yield f"MLflow lacks the runs of {len(trials)} {noun} ({numbers})"
    except (StudyError, OSError):
        return  # The study cannot be read, which is a finding already, or MLflow cannot be asked.


def _forget_lacking(store: Path, name: str) -> Iterator[str]:
    """Note that nothing is logged of a study if MLflow lacks some of its runs. The next run logs what is lacking."""
    if [*_lacking(store, name)]:
        LoggedTrials(Ledger.read(store, name), store).forget()
        yield f"study {name}: the next `study run` logs what MLflow lacks"
