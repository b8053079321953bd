"""One sitting of a study: its ledger, engine, log and watch, put together, run, and taken apart."""

import math
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from study.engines.engine import Engine
from study.engines.local import LocalEngine, processors
from study.errors import StudyError
from study.running.loop import Book, Tracker, run
from study.running.progress import Progress
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN

_MEMORY_A_WORKER = 1.5e9
"""Bytes that a worker with a small model may need, Keras and TensorFlow included."""


@dataclass(frozen=True)
class Options:
    """How a study is run, as against what it is."""

    workers: int | None = None
    threads: int | None = None
    engine: Literal["local", "ray"] = "local"
    address: str | None = None
    """Of a Ray cluster; `auto` for the one that this machine belongs to."""
    gpus: str | None = None
    """A number of workers with a GPU each, or `auto`: as many as there are GPUs."""
    hours: float = math.inf

    def __post_init__(self) -> None:
        if self.gpus == "auto" and self.engine == "local" and not _count_gpus():
            raise StudyError("--gpus auto: no NVIDIA GPU was found; without --gpus a study runs on the processor")
        if self.address and self.engine != "ray":
            raise StudyError("--address is of a Ray cluster; add --engine ray")


@dataclass(frozen=True)
class Sitting:
    """What came of it."""

    before: Counter[str]
    """How many cells were in each state."""
    stopped: bool
    """Whether it ended before the end, by its user or by its time."""


def sit(ledger: Book, tracker: Tracker, options: Options, console: Console) -> Sitting:
    """Run what is missing of a study, until it is complete, its time is up, or its user stops it."""
    before = ledger.counts()
    stopped = False
    with _stopping(options.hours, console) as stopping:
        if before["missing"]:
            try:
                _run(ledger, options, tracker, console, stopping)
                stopped = stopping() and ledger.counts()["missing"] > 0
            except KeyboardInterrupt:
                stopped = True
    return Sitting(before, stopped)


def _run(ledger: Book, options: Options, tracker: Tracker, console: Console, stopping: Callable[[], bool]) -> None:
    counts = ledger.counts()
    total, missing = counts.total(), counts["missing"]
    with closing(_engine(ledger, options)) as engine:
        workers = min(engine.free, missing)
        there = f"{total - missing} of {total} cells are there; " if missing < total else ""
        noun = "worker" if workers == 1 else "workers"
        console.print(f"study {ledger.space.name}: {there}running {missing} on {workers} {noun}", highlight=False)
        with Progress(console, ledger.space.objective, total=total, done=total - missing, workers=workers) as progress:
            run(ledger, engine, tracker, progress, stopping=stopping)


def _engine(ledger: Book, options: Options) -> Engine:
    environment, timeout = worker_environment(ledger.threads), ledger.space.trial_timeout
    workers = int(options.gpus) if options.gpus and options.gpus != "auto" else options.workers
    if options.engine == "ray":
        from study.engines.ray import RayEngine, Slot

        slot = Slot(ledger.threads, gpus=1 if options.gpus else 0)
        return RayEngine(
            TRAIN, address=options.address, workers=workers, slot=slot, environment=environment, timeout=timeout
        )
    if options.gpus:
        workers = workers or _count_gpus()
    workers = workers or default_workers(ledger.threads)
    return LocalEngine(TRAIN, workers=workers, environment=environment, timeout=timeout, gpus=bool(options.gpus))


def default_workers(threads: int) -> int:
    """As many workers as there are cores for their threads, fewer where memory is short."""
    return max(1, min(processors() // threads, int(_free_memory() // _MEMORY_A_WORKER)))


def _free_memory() -> float:
    """Bytes that could be had without swapping; no bound where the system does not say."""
    meminfo = Path("/proc/meminfo")
    lines = meminfo.read_text(encoding="ascii").splitlines() if meminfo.is_file() else []
    available = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(available[0]) * 1024 if available else math.inf


@contextmanager
def _stopping(hours: float, console: Console) -> Iterator[Callable[[], bool]]:
    """Whether to stop at the end of each trial's epoch: at the first Ctrl-C or SIGTERM, or when the time is up.

    A second Ctrl-C raises KeyboardInterrupt.
    """
    end = time.monotonic() + hours * 3600
    asked = False

    def ask(number: int, _: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        console.print("stopping when each trial's epoch is over; Ctrl-C again stops now", highlight=False)

    kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked or time.monotonic() > end
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _count_gpus() -> int:
    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
