"""Trials in worker processes of this machine: spawned, each with one trial at a time, replaced when they die."""

import importlib
import io
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from study.engines import Epoch, Finished, Message, Preparing, TrialFunction
from study.trial import Metrics, TrialConfig, TrialResult

# Spawn, never fork: TensorFlow's threads do not survive a fork.
_SPAWN = multiprocessing.get_context("spawn")


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    trial: int | None = None
    since: float = field(default_factory=time.monotonic)


class LocalEngine:
    """Up to `workers` processes, each of which runs `function` (`module:name`) under `environment`.

    A trial that takes more than `timeout` seconds is killed with its worker, and reported as failed.
    """

    def __init__(
        self,
        function: str,
        *,
        workers: int = 1,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        self._function = function
        self._most = workers
        self._environment = dict(environment or {})
        self._timeout = timeout
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """How many more cells it can take now."""
        return self._most - sum(worker.trial is not None for worker in self._workers)

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, or in a new one."""
        idle = (worker for worker in self._workers if worker.trial is None and worker.process.is_alive())
        worker = next(idle, None) or self._spawn()
        worker.trial, worker.since = trial, time.monotonic()
        # A worker that dies now is noticed by messages(), as one that dies at work.
        with suppress(OSError):
            worker.pipe.send((trial, config, folder))

    def messages(self) -> Iterable[Message]:
        """What has come in since the last call; waits up to a second where nothing has."""
        ready = wait([worker.pipe for worker in self._workers], timeout=1.0)
        for worker in list(self._workers):
            if worker.pipe in ready:
                yield from self._receive(worker)
            if self._late(worker):
                yield from self._bury(worker, f"took longer than trial_timeout = {self._timeout:g} seconds")

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer an Epoch."""
        for worker in self._workers:
            if worker.trial == trial:
                with suppress(OSError):
                    worker.pipe.send(go_on)

    def close(self) -> None:
        """End every worker now."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()

    def _spawn(self) -> _Worker:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(theirs, self._function, self._environment))
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _receive(self, worker: _Worker) -> Iterator[Message]:
        try:
            message: Message = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(1.0)
            yield from self._bury(worker, f"the worker died ({_ending(worker.process.exitcode)})")
            return
        if isinstance(message, Finished):
            worker.trial = None
        yield message

    def _late(self, worker: _Worker) -> bool:
        return (
            self._timeout is not None and worker.trial is not None and time.monotonic() - worker.since > self._timeout
        )

    def _bury(self, worker: _Worker, reason: str) -> Iterator[Message]:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)
        trial, worker.trial = worker.trial, None
        if trial is not None:
            yield Finished(trial, TrialResult("failed", seconds=time.monotonic() - worker.since, reason=reason))


def _ending(code: int | None) -> str:
    names = {-number.value: number.name for number in signal.Signals}
    return f"killed by {names[code]}" if code in names else f"exit status {code}"


@dataclass(frozen=True)
class _PipeReport:
    """A trial's way to speak: through the pipe to the launcher."""

    trial: int
    folder: Path
    pipe: Connection

    def preparing(self, what: str, done: int, total: int) -> None:
        self.pipe.send(Preparing(self.trial, what, done, total))

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        self.pipe.send(Epoch(self.trial, epoch, _plain(metrics)))
        go_on: bool = self.pipe.recv()
        return go_on


def _serve(pipe: Connection, function: str, environment: Mapping[str, str]) -> None:
    """The life of a worker: take a trial, run it, report, until the launcher is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the launcher decides what it means.
    end_with_parent()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)  # So that what was printed survives a sudden end.
    with suppress(EOFError, OSError):
        while True:
            trial, config, folder = pipe.recv()
            pipe.send(Finished(trial, _run(function, config, _PipeReport(trial, folder, pipe))))


def _run(function: str, config: TrialConfig, report: _PipeReport) -> TrialResult:
    """Run a trial: its result, or how it failed."""
    module, _, name = function.partition(":")
    begin = time.monotonic()
    try:
        with _logged(report.folder / "log.txt"):
            run: TrialFunction = getattr(importlib.import_module(module), name)
            result = run(config, report)
            return TrialResult(**_plain(result.to_json()), curve=tuple(map(_plain, result.curve)))
    except BaseException as error:  # Whatever a user's task raises ends its trial and nothing else.
        return _failure(error, time.monotonic() - begin)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them, a NumPy scalar as a number: the launcher need import nothing to read them."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), default=_number))
    return plain


def _number(value: Any) -> bool | int | float:
    number: bool | int | float = value.item() if hasattr(value, "item") else float(value)
    return number


def _failure(error: BaseException, seconds: float) -> TrialResult:
    reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    return TrialResult("failed", seconds=seconds, reason=reason, traceback="".join(traceback.format_exception(error)))


def end_with_parent() -> None:
    """End this process as soon as its parent is gone, even if that was killed and nobody could say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        watch = threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True)
        watch.start()


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Send what is printed, by Python or by a library below it, to a file; last of all an exception's traceback."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)
            os.close(old)


def processors() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
