"""Shoots at the processes and files of studies at random moments, and starts the studies again until they are done.

`python -m tests.faults.ballistics --kills 1000` prints a table of the shots and of the work.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console

from study.cli.tables import printable_table
from study.ledger.store import JOURNAL
from study.space.design import Confirm, Design, Pruner
from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.task import Fidelity
from study.text_table import Column, TextTable
from study.tracking.connection import connect
from tests import toy_task
from tests.faults.shots import SHOTS
from tests.faults.site import Site, kill, workers_of
from tests.toy_task import DEPTH, NORM, POOLING

Target = str
_KILLED_TARGETS = ("worker", "launcher", "group")
TARGETS: tuple[Target, ...] = (*_KILLED_TARGETS, *SHOTS)
"""What is shot at: SIGKILL to a worker, the launcher or both, and the other shots."""
_AT_ONCE = 2
"""Studies that run at the same time."""
_KILLED = "the worker died (killed by SIGKILL)"


@dataclass(frozen=True)
class Case:
    """A study whose processes are killed, and the options with which it runs."""

    name: str
    space: SearchSpace
    workers: int = 2
    mlflow: bool = False
    repeatable: bool = True
    """Whether an undisturbed run makes the same cells. It does not in a search with several workers."""
    most: int = 12
    """After this many kills the study runs undisturbed to its end."""

    @property
    def options(self) -> list[str]:
        return ["--workers", str(self.workers), *(["--mlflow"] if self.mlflow else [])]


def space(*factors: Factor, **changes: Any) -> SearchSpace:
    """Return a search space whose trials take milliseconds. It allows more failures than there are kills."""
    fidelity = Fidelity(epochs=6, train_examples=100, validation_examples=10)
    given: dict[str, Any] = {"fidelity": fidelity, "seeds": (0, 1, 2), "max_retries": 1_000}
    return toy_task.space(*factors, **(given | changes))


def sweep(pruner: Pruner) -> SearchSpace:
    how = Design("sweep", trials=12, sampler="tpe", pruner=pruner, confirm=Confirm(top=2, seeds=2))
    return space(POOLING, Factor("rate", Range(0.001, 1.0, log=True)), design=how, seeds=(0,))


CASES = (
    Case("dose, MLflow", space(Factor("depth", (1, 2, 3, 4, 5)), kind="dose"), mlflow=True, most=8),
    Case("ablation", space(DEPTH, POOLING, NORM)),
    Case("grid", space(POOLING, NORM, kind="grid"), workers=3),
    Case("sweep", sweep("median"), workers=1),
    Case("sweep by two", sweep("none"), repeatable=False),
    Case("ablation by one", space(POOLING, NORM), workers=1),
)


@dataclass
class Tally:
    """Counts of some studies: the kills, and the work that was done, repeated and lost."""

    studies: int = 0
    kills: Counter[Target] = field(default_factory=Counter)
    cells: int = 0
    attempts: int = 0
    duplicates: int = 0
    epochs: int = 0
    lost: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def bombard(site: Site, case: Case, chance: random.Random, *, kills: int) -> Counter[Target]:
    """Run a study to its end, and kill its processes this often on the way. Returns the number of kills by target."""
    hits: Counter[Target] = Counter()
    while True:
        # A worker that was starting when its launcher was killed reports that in the file of that launcher.
        site.complaints.unlink(missing_ok=True)
        with site.start(*case.options) as launcher:
            if chance.random() < 0.9:  # Otherwise the launcher is killed before it begins.
                assert launcher.stdout is not None
                launcher.stdout.readline()
            while launcher.poll() is None and hits.total() < kills:
                _wait_for_moment(site, case, launcher, chance)
                target = chance.choice((*_KILLED_TARGETS, *TARGETS))
                shot = SHOTS.get(target)
                hits[target] += shot(site, launcher, chance) if shot else hit(launcher, target, chance)
            launcher.wait(timeout=120)
        errors = site.complaints.read_text()
        if launcher.returncode == 0:
            assert errors == "", errors
            return hits
        assert launcher.returncode in (-signal.SIGKILL, -signal.SIGTERM, 130, 2), errors
        if launcher.returncode == 2:
            gone = "it was moved or removed while the study ran", "is missing, but "
            assert errors.startswith(tuple(f"{site.study / JOURNAL}: {words}" for words in gone)), errors
            assert errors.count("\n") == 1, errors


def _wait_for_moment(site: Site, case: Case, launcher: subprocess.Popen[str], chance: random.Random) -> None:
    """Wait for the moment of a kill. It is mostly during an epoch, else at any time, even during the start."""
    if case.mlflow and chance.random() < 0.6:
        time.sleep(chance.uniform(1.0, 4.0))  # MLflow takes some seconds before it logs.
    elif chance.random() < 0.3:
        time.sleep(chance.uniform(0, 0.5))
    else:
        done, end = site.progress, time.monotonic() + 2
        while site.progress == done and launcher.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(chance.expovariate(1 / 0.03))


def hit(launcher: subprocess.Popen[str], target: Target, chance: random.Random) -> bool:
    """Kill a target of this kind. Returns whether there was one."""
    if target == "worker":
        workers = workers_of(launcher.pid)
        return bool(workers) and kill(chance.choice(workers))
    if launcher.poll() is not None:
        return False
    if target == "group":
        os.killpg(launcher.pid, signal.SIGKILL)
    launcher.kill()
    return launcher.wait() == -signal.SIGKILL


def inspect(site: Site, case: Case, kills: Counter[Target], undisturbed: Site) -> Tally:
    """Assert everything that is promised about a study after these kills. Returns its counts."""
    site.check()
    work, reasons = site.work, site.reasons()
    lost = work.lost()
    # Each interrupted attempt may lose its current epoch. The death of a launcher interrupts all its workers.
    deaths = sum(kills[target] for target in ("launcher", "group", "job", "journal", "bit"))
    assert lost <= kills["worker"] + case.workers * deaths
    assert set(reasons) <= {_KILLED}
    assert reasons.total() <= kills["worker"] + case.workers * kills["group"]
    if case.repeatable:
        assert site.tables() == undisturbed.tables()
        assert site.curves() == undisturbed.curves()
        assert work.epochs - lost == undisturbed.work.epochs
    if case.mlflow:
        site.check_log()
    cells = site.counts().total()
    return Tally(1, kills, cells, work.attempted, site.duplicates(), work.epochs, lost)


class Campaign:
    """Runs and kills studies, some at the same time, until there were enough kills."""

    def __init__(self, folder: Path, *, kills: int, seed: int) -> None:
        self.tallies = {case.name: Tally() for case in CASES}
        self.left = kills
        self._folder = folder
        self._seed = seed
        self._numbers = count()
        self._lock = threading.Lock()

    def fight(self) -> Tally:
        """Run the whole campaign. Returns the sum of all counts."""
        begin = time.monotonic()
        connect(self._folder / "empty")  # Making MLflow's database takes seconds.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self._undisturbed = dict(zip(self.tallies, pool.map(self._leave_in_peace, CASES), strict=True))
            try:
                for ended in [pool.submit(self._work) for _ in range(_AT_ONCE)]:
                    ended.result()
            finally:
                self.left = 0
        total = sum(self.tallies.values(), Tally())
        return replace(total, seconds=time.monotonic() - begin)

    def _leave_in_peace(self, case: Case) -> Site:
        site = self._site("undisturbed", case)
        assert site.run(*case.options) == ""
        site.check()
        assert site.work.lost() == 0
        return site

    def _work(self) -> None:
        while self.left:
            with self._lock:
                number = next(self._numbers)
                case = CASES[number % len(CASES)]
                kills = min(case.most, self.left)
                self.left -= kills
            begin = time.monotonic()
            site = self._site(str(number), case)
            hits = bombard(site, case, random.Random(f"{self._seed} {number}"), kills=kills)
            tally = inspect(site, case, hits, self._undisturbed[case.name])
            tally.seconds = time.monotonic() - begin
            shutil.rmtree(site.store)
            with self._lock:
                self.left += kills - hits.total()
                self.tallies[case.name] += tally

    def _site(self, name: str, case: Case) -> Site:
        site = Site(self._folder / f"{name} {case.name}", case.space)
        if case.mlflow:
            site.store.mkdir()
            shutil.copy(self._folder / "empty" / "mlflow.db", site.store)
        return site


def report(tallies: Mapping[str, Tally]) -> TextTable:
    """Return a table of the counts, with a row for each case."""
    columns = ("case", "studies", *TARGETS, "cells", "attempts", "duplicates")
    rows = [
        (
            name,
            tally.studies,
            *(tally.kills[target] for target in TARGETS),
            tally.cells,
            tally.attempts,
            tally.duplicates,
            tally.epochs,
            tally.lost,
            f"{tally.seconds:.0f}",
        )
        for name, tally in tallies.items()
    ]
    numbers = map(Column, (*columns[1:], "epochs", "epochs lost", "seconds"))
    return printable_table([Column(columns[0], "name"), *numbers], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    campaign = Campaign(folder, kills=arguments.kills, seed=arguments.seed)
    try:
        total = campaign.fight()
    except BaseException:
        print(f"the files of the studies that failed are kept in {folder}")
        raise
    Console(width=160).print(report({**campaign.tallies, "together": total}))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
