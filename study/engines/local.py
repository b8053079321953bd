"""Trials in worker processes of this machine: spawned, each with one trial at a time, replaced when they die."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from study.engines.engine import Finished, Message, Preparing
from study.engines.worker import serve
from study.space.trial import Failure, TrialConfig, TrialResult

# Spawn, never fork: TensorFlow's threads do not survive a fork.
_SPAWN = multiprocessing.get_context("spawn")


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    place: int
    trial: int | None = None
    since: float = field(default_factory=time.monotonic)
    kills: int = 0


class LocalEngine:
    """Up to `workers` processes, each of which runs `function` (`module:name`) under `environment`.

    With `gpus`, each worker sees one GPU alone, the first worker the first. A trial that takes more than `timeout`
    seconds, counted from when its data were last said to be in the making, is killed with its worker, and reported as
    failed.
    """

    def __init__(
        self,
        function: str,
        *,
        workers: int = 1,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
        gpus: bool = False,
    ) -> None:
        self._function = function
        self._most = workers
        self._environment = dict(environment or {})
        self._timeout = timeout
        self._gpus = gpus
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """How many more cells it can take now."""
        return self._most - sum(worker.trial is not None for worker in self._workers)

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, or in a new one."""
        idle = [worker for worker in self._workers if worker.trial is None]
        for worker in [worker for worker in idle if worker.pipe.poll() or not worker.process.is_alive()]:
            idle.remove(worker)  # An idle worker has nothing to say: it died.
            self._discard(worker)
        worker = idle[0] if idle else self._spawn()
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
                yield from self._bury(worker, f"took longer than trial_timeout = {self._timeout:g} seconds", "timeout")

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a Built or an Epoch."""
        for worker in self._workers:
            if worker.trial == trial:
                with suppress(OSError):
                    worker.pipe.send(go_on)

    def close(self) -> None:
        """End every worker now."""
        for worker in list(self._workers):
            self._discard(worker)

    def _spawn(self) -> _Worker:
        ours, theirs = _SPAWN.Pipe()
        place = min(set(range(self._most)) - {worker.place for worker in self._workers})
        environment = self._environment | ({"CUDA_VISIBLE_DEVICES": str(place)} if self._gpus else {})
        process = _SPAWN.Process(target=serve, args=(theirs, self._function, environment))
        process.start()
        theirs.close()
        worker = _Worker(process, ours, place, kills=_kills_for_memory())
        self._workers.append(worker)
        return worker

    def _receive(self, worker: _Worker) -> Iterator[Message]:
        message: Message
        try:
            message, leaving = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(1.0)
            yield from self._bury(worker, f"the worker died ({_ending(worker.process.exitcode)})", self._death(worker))
            return
        if isinstance(message, Finished):
            worker.trial = None
        if isinstance(message, Preparing):  # Data are made for many: the trial that waits for them is not late by that.
            worker.since = time.monotonic()
        if leaving:
            self._discard(worker)
        yield message

    def _death(self, worker: _Worker) -> Failure:
        """Whether the system killed it for want of memory."""
        killed = worker.process.exitcode == -signal.SIGKILL
        return "memory" if killed and _kills_for_memory() > worker.kills else "worker"

    def _late(self, worker: _Worker) -> bool:
        return (
            self._timeout is not None and worker.trial is not None and time.monotonic() - worker.since > self._timeout
        )

    def _bury(self, worker: _Worker, reason: str, failure: Failure) -> Iterator[Message]:
        self._discard(worker)
        trial, worker.trial = worker.trial, None
        if trial is not None:
            seconds = time.monotonic() - worker.since
            yield Finished(trial, TrialResult("failed", failure=failure, seconds=seconds, reason=reason))

    def _discard(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)


def _ending(code: int | None) -> str:
    names = {-number.value: number.name for number in signal.Signals}
    return f"killed by {names[code]}" if code in names else f"exit status {code}"


def _kills_for_memory() -> int:
    """How many processes this system has killed for want of memory; 0 where it does not say."""
    vmstat = Path("/proc/vmstat")
    lines = vmstat.read_text(encoding="ascii").splitlines() if vmstat.is_file() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def processors() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
