"""A session runs the missing cells of a study, until it is complete, stopped, or out of time."""

import math
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from rich.console import Console
from rich.text import Text

from study.engines.engine import Engine
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.running.allocation import allocation_in_words
from study.running.loop import LoopLedger, Observer, Observers, Tracker, run
from study.running.notebook_progress import NotebookProgress, notebook
from study.running.progress import Progress
from study.running.resources import GPU_FOLDER, count_gpus, default_workers
from study.running.stopping import StopRequests, stop_requests
from study.terminal import wrapped
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN

EngineName = Literal["local", "ray"]


@dataclass(frozen=True)
class Options:
    """How a study is run. Its search-space file defines the study itself."""

    workers: int | None = None
    threads: int | None = None
    engine: EngineName = "local"
    address: str | None = None
    """Address of a Ray cluster, or `auto` for the cluster to which this machine belongs."""
    gpus: str | None = None
    """A number of workers that have a GPU each, or `auto` for one worker per GPU."""
    hours: float = math.inf

    def __post_init__(self) -> None:
        for name in ("workers", "threads"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise StudyError(f"{name} must be a whole number of at least 1, not {value!r}")
        if isinstance(self.hours, bool) or not isinstance(self.hours, int | float) or not self.hours > 0:
            raise StudyError(f"max_hours must be a number of hours above 0, not {self.hours!r}")
        if self.gpus is not None and self.gpus != "auto" and not (self.gpus.isdecimal() and int(self.gpus) > 0):
            raise StudyError(f"gpus must be 'auto' or a whole number of at least 1, not {self.gpus}")
        if self.engine not in get_args(EngineName):
            raise StudyError(f"engine must be one of {', '.join(get_args(EngineName))}, not {self.engine!r}")
        if self.gpus == "auto" and self.engine == "local" and not count_gpus():
            raise StudyError(
                f"--gpus auto: no NVIDIA GPU was found in {GPU_FOLDER}; without --gpus a study runs on the processor"
            )
        if self.address and self.engine != "ray":
            raise StudyError(f"--address {self.address} applies to a Ray cluster only; add --engine ray")


@dataclass(frozen=True)
class Session:
    """How a session ended."""

    before: Counter[str]
    """How many cells were in each state when it began."""
    stopped: bool
    """Whether the user or the time limit stopped it while cells were missing."""
    signal: int | None = None
    """The signal by which the user or the system asked to stop; None if there was none."""
    hours_left: float = math.inf
    """The hours that were left at its end."""
    begun: int = 0
    """If it was stopped: how many missing cells go on after an epoch that is done."""

    def stop_line(self, counts: Mapping[str, int], *, again: str) -> str:
        """Returns the line about a stop, from the number of cells in each state. `again` is what the user does next."""
        total = sum(counts.values())
        there = total - counts["missing"] - counts["running"]
        have = "1 cell has" if self.begun == 1 else f"{self.begun:,} cells have"
        begun = f"{have} begun and will go on after the last epoch that is done; " if self.begun else ""
        return f"stopped: {there} of {total} cells are there and nothing is lost; {begun}the same {again} goes on"


class LiveTracker(Tracker, Observer, Protocol):
    """A tracker that also shows what happens while trials run."""


def run_session(ledger: LoopLedger, tracker: LiveTracker, options: Options, console: Console) -> Session:
    """Run the missing cells of a study, until it is complete, its time is up, or its user stops it."""
    before = ledger.counts()
    stopped = False
    with stop_requests(options.hours, console) as stopping:
        if before["missing"]:
            if note := allocation_in_words():
                console.print(note, highlight=False)
            try:
                _run(ledger, options, tracker, console, stopping)
                stopped = stopping() and ledger.counts()["missing"] > 0
            except KeyboardInterrupt:
                stopped = True
    return Session(before, stopped, stopping.signal, stopping.hours_left, ledger.begun() if stopped else 0)


def _run(ledger: LoopLedger, options: Options, tracker: LiveTracker, console: Console, stopping: StopRequests) -> None:
    counts = ledger.counts()
    total, missing = counts.total(), counts["missing"]
    with closing(_engine(ledger, options)) as engine:
        workers = min(engine.free, missing)
        console.print(_first_line(ledger.space.name, total, missing, workers), highlight=False)
        with _progress(console, ledger, total=total, done=total - missing, workers=workers) as progress:
            run(ledger, engine, tracker, Observers(progress, tracker), stopping=stopping)


def _progress(
    console: Console, ledger: LoopLedger, *, total: int, done: int, workers: int
) -> Progress | NotebookProgress:
    """Returns what shows the progress: a terminal's table, lines of text, or a notebook's bar."""
    display = None if console.quiet else notebook()
    shown = Console(quiet=True) if display else console

    def recount() -> int:
        # After a look more cells begin than there were. The last two lines say what it decided, and who goes on.
        for line in ledger.look_lines()[-2:]:
            shown.print(Text(wrapped(line, shown.width)), soft_wrap=True)
        return ledger.counts().total()

    objective = ledger.space.objective
    progress = Progress(shown, objective, total=total, done=done, workers=workers, recount=recount)
    return NotebookProgress(progress, display) if display else progress


def _first_line(study: str, total: int, missing: int, workers: int) -> str:
    already_run = f"{total - missing} of {total} cells are there; " if missing < total else ""
    noun = "worker" if workers == 1 else "workers"
    return f"study {study}: {already_run}running {missing} on {workers} {noun}"


def _engine(ledger: LoopLedger, options: Options) -> Engine:
    workers = int(options.gpus) if options.gpus and options.gpus != "auto" else options.workers
    if options.engine == "ray":
        return _ray_engine(ledger, options, workers)
    if options.gpus:
        workers = workers or count_gpus()
    return LocalEngine(
        TRAIN,
        workers=workers or default_workers(ledger.threads),
        environment=worker_environment(ledger.threads),
        timeout=ledger.space.trial_timeout,
        gpus=bool(options.gpus),
    )


def _ray_engine(ledger: LoopLedger, options: Options, workers: int | None) -> Engine:
    # Imported here, because Ray is an extra that most users do not install.
    from study.engines import ray, ray_cluster

    return ray.RayEngine(
        TRAIN,
        address=options.address,
        workers=workers,
        slot=ray_cluster.Slot(ledger.threads, gpus=1 if options.gpus else 0),
        environment=worker_environment(ledger.threads),
        timeout=ledger.space.trial_timeout,
    )
