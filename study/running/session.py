"""A session runs the missing cells of a study, until it is complete, stopped, or out of time."""

import math
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from rich.console import Console

from study.engines.engine import Engine
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.running.loop import LoopLedger, Tracker, run
from study.running.progress import Progress
from study.running.resources import GPU_FOLDER, count_gpus, default_workers
from study.running.stopping import stop_requests
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN


@dataclass(frozen=True)
class Options:
    """How a study is run. Its search-space file defines the study itself."""

    workers: int | None = None
    threads: int | None = None
    engine: Literal["local", "ray"] = "local"
    address: str | None = None
    """Address of a Ray cluster, or `auto` for the cluster to which this machine belongs."""
    gpus: str | None = None
    """A number of workers that have a GPU each, or `auto` for one worker per GPU."""
    hours: float = math.inf

    def __post_init__(self) -> None:
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


def run_session(ledger: LoopLedger, tracker: Tracker, options: Options, console: Console) -> Session:
    """Run the missing cells of a study, until it is complete, its time is up, or its user stops it."""
    before = ledger.counts()
    stopped = False
    with stop_requests(options.hours, console) as stopping:
        if before["missing"]:
            try:
                _run(ledger, options, tracker, console, stopping)
                stopped = stopping() and ledger.counts()["missing"] > 0
            except KeyboardInterrupt:
                stopped = True
    return Session(before, stopped)


def _run(
    ledger: LoopLedger, options: Options, tracker: Tracker, console: Console, stopping: Callable[[], bool]
) -> None:
    counts = ledger.counts()
    total, missing = counts.total(), counts["missing"]
    with closing(_engine(ledger, options)) as engine:
        workers = min(engine.free, missing)
        console.print(_first_line(ledger.space.name, total, missing, workers), highlight=False)
        with Progress(console, ledger.space.objective, total=total, done=total - missing, workers=workers) as progress:
            run(ledger, engine, tracker, progress, stopping=stopping)


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
    from study.engines.ray import RayEngine
    from study.engines.ray_cluster import Slot

    return RayEngine(
        TRAIN,
        address=options.address,
        workers=workers,
        slot=Slot(ledger.threads, gpus=1 if options.gpus else 0),
        environment=worker_environment(ledger.threads),
        timeout=ledger.space.trial_timeout,
    )
