"""Runs trials in worker processes on this machine. Each runs one trial at a time, and is replaced if it dies."""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from study.engines.engine import READY, Built, Epoch, Finished, Message, Preparing
from study.engines.worker_start import SPAWN, start_worker
from study.space.trial import Failure, TrialConfig, TrialResult


@dataclass(kw_only=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    index: int
    """The number of the worker in its engine, from 0. With GPUs it is also the number of the GPU that it sees."""
    memory_kills: int
    """How many processes the system had killed for lack of memory before this one started."""
    trial: int | None = None
    """The trial that the worker runs, or None while it is idle."""
    assignment: tuple[int, TrialConfig, Path] | None = None
    """What the worker was asked to run last."""
    finished: int = 0
    """How many trials it has finished."""
    go_on: bool = True
    """The last answer to its trial."""
    reported: int = -1
    """The last epoch that its trial has reported; 0 is the size of the model, -1 is nothing."""
    since: float = field(default_factory=time.monotonic)
    """When its trial began, or last reported that it was preparing data."""
    preparing: bool = False
    """Whether its trial makes data or waits for them. Other trials use the same data, so this time does not count."""


class LocalEngine:
    """Runs up to `workers` processes. Each runs `function` (`module:name`) with the variables of `environment`.

    With `gpus`, each worker sees one GPU only: the first worker sees the first GPU. If a trial takes more than
    `timeout` seconds, its worker is killed, and the trial is reported as failed. The time until its data are ready does
    not count.
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
        self._limit = workers
        self._environment = dict(environment or {})
        self._timeout = timeout
        self._gpus = gpus
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """Returns how many more trials the engine can take now."""
        return self._limit - sum(worker.trial is not None for worker in self._workers)

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, or in a new one."""
        idle = [worker for worker in self._workers if worker.trial is None]
        for worker in [worker for worker in idle if worker.pipe.poll() or not worker.process.is_alive()]:
            idle.remove(worker)  # An idle worker sends nothing. If its pipe is readable, the worker has died.
            self._remove(worker)
        self._assign(idle[0] if idle else self._start_worker(), (trial, config, folder))

    def _assign(self, worker: _Worker, assignment: tuple[int, TrialConfig, Path]) -> None:
        worker.trial, worker.assignment = assignment[0], assignment
        worker.reported, worker.go_on = -1, True
        self._send(worker)

    def _send(self, worker: _Worker) -> None:
        worker.since, worker.preparing = time.monotonic(), False
        # If the worker dies now, messages() notices it in the same way as a death during a trial.
        with suppress(OSError):
            worker.pipe.send(worker.assignment)

    def messages(self) -> Iterable[Message]:
        """Returns the messages since the last call. Waits up to a second if there are none."""
        ready = wait([worker.pipe for worker in self._workers], timeout=1.0)
        for worker in list(self._workers):
            if worker.pipe in ready:
                yield from self._receive(worker)
            if self._is_late(worker):
                yield from self._fail(worker, f"took longer than trial_timeout = {self._timeout:g} seconds", "timeout")

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a `Built` or an `Epoch` message."""
        for worker in self._workers:
            if worker.trial == trial:
                worker.go_on = go_on
                with suppress(OSError):
                    worker.pipe.send(go_on)

    def close(self) -> None:
        """End every worker now."""
        for worker in list(self._workers):
            self._remove(worker)

    def _start_worker(self) -> _Worker:
        ours, theirs = SPAWN.Pipe()
        index = min(set(range(self._limit)) - {worker.index for worker in self._workers})
        environment = self._environment | ({"CUDA_VISIBLE_DEVICES": str(index)} if self._gpus else {})
        process = start_worker(theirs, self._function, environment)
        theirs.close()
        worker = _Worker(process=process, pipe=ours, index=index, memory_kills=_memory_kills())
        self._workers.append(worker)
        return worker

    def _receive(self, worker: _Worker) -> Iterator[Message]:
        message: Message
        try:
            message, leaving = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join(1.0)
            reason = f"the worker died ({_exit_reason(worker.process.exitcode)})"
            yield from self._fail(worker, reason, self._cause_of_death(worker))
            return
        _count_time(worker, message)
        if isinstance(message, Finished) and self._is_for_a_new_process(worker, message.result):
            self._repeat(worker)
            return
        if isinstance(message, Built | Epoch) and not _is_news(worker, message):
            # The process before was answered here, and the trial went on unless this was its last report.
            worker.pipe.send(worker.go_on or _epoch(message) < worker.reported)
            return
        if isinstance(message, Finished):
            worker.trial, worker.finished = None, worker.finished + 1
        if leaving:
            self._remove(worker)
        yield message

    def _is_for_a_new_process(self, worker: _Worker, result: TrialResult) -> bool:
        """Whether a trial failed in a process that has run other trials, one of which may be the reason."""
        return result.state == "failed" and result.failure == "exception" and worker.finished > 0

    def _repeat(self, worker: _Worker) -> None:
        """Run a worker's trial again in a new process, which goes on from the trial's checkpoint."""
        self._remove(worker)
        new = self._start_worker()
        new.trial, new.assignment, new.reported = worker.trial, worker.assignment, worker.reported
        new.go_on = worker.go_on
        self._send(new)

    def _cause_of_death(self, worker: _Worker) -> Failure:
        """Returns `memory` if the system killed the worker for lack of memory, else `worker`."""
        killed = worker.process.exitcode == -signal.SIGKILL
        return "memory" if killed and _memory_kills() > worker.memory_kills else "worker"

    def _is_late(self, worker: _Worker) -> bool:
        counts = self._timeout is not None and worker.trial is not None and not worker.preparing
        return counts and time.monotonic() - worker.since > (self._timeout or 0)

    def _fail(self, worker: _Worker, reason: str, failure: Failure) -> Iterator[Message]:
        """Remove a worker, and report that its trial failed."""
        self._remove(worker)
        trial, worker.trial = worker.trial, None
        if trial is not None:
            seconds = time.monotonic() - worker.since
            yield Finished(trial, TrialResult("failed", failure=failure, seconds=seconds, reason=reason))

    def _remove(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)


def _count_time(worker: _Worker, message: Message) -> None:
    """Note whether a trial's time counts from now on. A trial need not report how far its data are, or that at all."""
    before, worker.preparing = worker.preparing, isinstance(message, Preparing) and message.what != READY
    if before or worker.preparing:
        worker.since = time.monotonic()


def _is_news(worker: _Worker, message: Built | Epoch) -> bool:
    """Note how far a worker's trial is. Returns whether it has not been so far before."""
    news = _epoch(message) > worker.reported
    worker.reported = max(_epoch(message), worker.reported)
    return news


def _epoch(message: Built | Epoch) -> int:
    """Returns the epoch of a message; the size of a model comes before the first."""
    return message.epoch if isinstance(message, Epoch) else 0


def _exit_reason(code: int | None) -> str:
    names = {-number.value: number.name for number in signal.Signals}
    return f"killed by {names[code]}" if code in names else f"exit status {code}"


def _memory_kills() -> int:
    """Returns how many processes this system has killed for lack of memory, or 0 if the system does not tell."""
    vmstat = Path("/proc/vmstat")
    lines = vmstat.read_text(encoding="ascii").splitlines() if vmstat.is_file() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def processors() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
