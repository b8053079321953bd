"""Runs trials in worker processes on this machine. Each runs one trial at a time, and is replaced if it dies."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from multiprocessing.connection import wait
from pathlib import Path

from study.engines.control_group import processor_limit
from study.engines.engine import Built, Epoch, Finished, Message
from study.engines.left_processes import end_left_processes, new_mark
from study.engines.worker_death import cause_of_death, death, is_death_by_code, memory_kills
from study.engines.worker_handle import Assignment, WorkerHandle, epoch_of
from study.engines.worker_start import SPAWN, start_worker
from study.space.trial import Failure, TrialConfig, TrialResult

_WAIT = 1.0
"""Seconds for which the engine waits for a message."""
_SILENCE = 0.5
"""If the engine did nothing for so many seconds, it was stopped itself, and most often its workers were too."""
_BETWEEN_CHECKS = 1.0
"""Seconds between two checks of whether each worker is alive."""


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
        self._workers: list[WorkerHandle] = []
        self._awake = self._checked = time.monotonic()
        """When the engine did something last, and when it checked its workers last."""

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
        worker = idle[0] if idle else self._start_worker()
        worker.take(Assignment(trial, config, folder))

    def messages(self) -> Iterable[Message]:
        """Returns the messages since the last call. Waits up to a second if there are none."""
        self._forgive_stop(0.0)
        ready = wait([worker.pipe for worker in self._workers], timeout=_WAIT)
        self._forgive_stop(_WAIT)
        yield from self._find_dead()
        for worker in list(self._workers):
            if worker.pipe in ready:
                yield from self._receive(worker)
            if worker.is_late(self._timeout):
                yield from self._fail(worker, f"took longer than trial_timeout = {self._timeout:g} seconds", "timeout")

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a `Built` or an `Epoch` message."""
        for worker in self._workers:
            if worker.trial == trial:
                worker.go_on = go_on
                worker.send(go_on)

    def renew(self) -> None:
        """End the workers that run no trial, so that the next trials run in new processes."""
        for worker in [worker for worker in self._workers if worker.trial is None]:
            self._remove(worker)

    def close(self) -> None:
        """End every worker now."""
        for worker in self._workers:
            worker.end()
        end_left_processes([worker.mark for worker in self._workers])
        self._workers.clear()

    def _start_worker(self) -> WorkerHandle:
        ours, theirs = SPAWN.Pipe()
        index = min(set(range(self._limit)) - {worker.index for worker in self._workers})
        environment = self._environment | ({"CUDA_VISIBLE_DEVICES": str(index)} if self._gpus else {})
        mark = new_mark()
        process = start_worker(theirs, self._function, environment, mark=mark)
        theirs.close()
        worker = WorkerHandle(process=process, pipe=ours, mark=mark, index=index, memory_kills=memory_kills())
        self._workers.append(worker)
        return worker

    def _receive(self, worker: WorkerHandle) -> Iterator[Message]:
        message: Message
        try:
            message, leaving = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._lose(worker)
            return
        worker.count_time(message)
        if isinstance(message, Finished) and self._is_for_a_new_process(worker, message.result):
            self._repeat(worker)
            return
        if isinstance(message, Built | Epoch) and not worker.is_news(message):
            # The process before was answered here, and the trial went on unless this was its last report.
            worker.send(worker.go_on or epoch_of(message) < worker.reported)
            return
        if isinstance(message, Finished):
            worker.trial, worker.finished = None, worker.finished + 1
        if leaving:
            self._remove(worker)
        yield message

    def _find_dead(self) -> Iterator[Message]:
        """Find the workers that died while a process that their task forked holds the pipe, which then stays open."""
        if time.monotonic() - self._checked > _BETWEEN_CHECKS:
            self._checked = time.monotonic()
            for worker in [worker for worker in self._workers if not worker.process.is_alive()]:
                if worker.trial is not None and not worker.pipe.poll():
                    yield from self._lose(worker)

    def _lose(self, worker: WorkerHandle) -> Iterator[Message]:
        """Replace a worker that died. Its trial failed, unless it may be due to a trial before it."""
        worker.process.join(1.0)
        reason = death(worker.process.exitcode)
        if worker.trial is not None and worker.finished and is_death_by_code(reason):
            self._repeat(worker)
        else:
            cause = cause_of_death(worker.process.exitcode, worker.memory_kills)
            yield from self._fail(worker, reason, cause)

    def _is_for_a_new_process(self, worker: WorkerHandle, result: TrialResult) -> bool:
        """Whether a trial failed in a process that has run other trials, one of which may be the reason."""
        return result.state == "failed" and result.failure in ("exception", "memory") and worker.finished > 0

    def _repeat(self, worker: WorkerHandle) -> None:
        """Run a worker's trial again in a new process, which goes on from the trial's checkpoint."""
        self._remove(worker)
        self._start_worker().take_over(worker)

    def _forgive_stop(self, expected: float) -> None:
        """Count no time in which this process was stopped, as by Ctrl-Z, though it meant to wait `expected` seconds."""
        now = time.monotonic()
        if (stopped := now - self._awake - expected) > _SILENCE:
            for worker in self._workers:
                worker.since = min(now, worker.since + stopped)
        self._awake = now

    def _fail(self, worker: WorkerHandle, reason: str, failure: Failure) -> Iterator[Message]:
        """Remove a worker, and report that its trial failed."""
        self._remove(worker)
        trial, worker.trial = worker.trial, None
        if trial is not None:
            seconds = time.monotonic() - worker.since
            yield Finished(trial, TrialResult("failed", failure=failure, seconds=seconds, reason=reason))

    def _remove(self, worker: WorkerHandle) -> None:
        worker.end()
        end_left_processes([worker.mark])
        self._workers.remove(worker)


def processors() -> int:
    """Returns how many cores this process may use, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(max(1, min(cores, processor_limit())))
