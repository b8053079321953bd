"""Trials on the nodes of a Ray cluster: an actor runs each worker, and is replaced when it or its node dies.

The nodes must be able to import keras-study with its extra `ray`, and everything that the task needs, in the versions
that the launcher has: from one image, or from one environment on a shared disk. If a node shares the disk with a cell's
folder, its worker uses that folder. If not, the worker uses a folder of the node. Log and final weights then travel
back with the result, but the checkpoint stays there.
"""

import os
import platform
import signal
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.engines.cell_folder import LOG
from study.engines.engine import Finished, Message, Preparing
from study.engines.local import processors
from study.engines.ray_node import NodeWorker
from study.errors import StudyError
from study.space.trial import Failure, TrialConfig, TrialResult, digest

_IDLE_SECONDS = 10.0
"""After this time an idle worker is ended if no trial waits, so that the cluster can use its room."""
_NODE_LOST = "the worker's node died or is out of reach"
_OBJECT_STORE_BYTES = 100 * 2**20
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Else Ray prints news of its processes into the launcher's progress display.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}


@dataclass(frozen=True)
class Slot:
    """What a worker takes from its node: cores, and GPUs or a part of one. It sees no other GPU."""

    threads: int = 1
    gpus: float = 0

    def __post_init__(self) -> None:
        if self.threads < 1 or self.gpus < 0 or (self.gpus > 1 and self.gpus % 1):
            raise StudyError(f"a worker takes at least 1 thread, and up to 1 or whole GPUs, not {self}")

    def fits(self, resources: Mapping[str, float]) -> int:
        """Returns how many such workers a node with these resources can hold."""
        wanted = {"CPU": self.threads, "GPU": self.gpus}
        return min(int(resources.get(name, 0) / much + 1e-9) for name, much in wanted.items() if much)


@dataclass(kw_only=True)
class _Worker:
    actor: Any
    trial: int | None = None
    """The trial that it runs; None while it is idle."""
    folder: Path = Path()
    since: float = field(default_factory=time.monotonic)
    """When its trial began, or when it became idle."""
    reply: Any = None
    """Ray's reference to its next reply, the first of which shows that it is alive.

    None while it is idle or waits for an answer.
    """


class RayEngine:
    """Workers on the cluster at `address`, or on a private one of this machine, that run `function` (`module:name`).

    If `workers` is given there are so many, and some may have to wait for room. Else there are as many as the nodes can
    hold at the moment.
    """

    def __init__(
        self,
        function: str,
        *,
        address: str | None = None,
        workers: int | None = None,
        slot: Slot | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        self._slot = slot or Slot()
        hidden = (
            {} if self._slot.gpus else {"CUDA_VISIBLE_DEVICES": "-1"}
        )  # Else Ray shows a worker without GPUs all of them.
        self._arguments = function, {**hidden, **(environment or {})}, timeout, Path.cwd()
        self._limit = workers
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[int, TrialConfig, Path]] = deque()
        self._failed_starts = 0
        local = workers or max(1, processors() // self._slot.threads)
        self._ray = _connect(address, cores=local * self._slot.threads)
        if not workers and not self._room():
            self.close()
            raise StudyError(f"no node of the Ray cluster has room for {self._slot}; --workers N waits for one")

    @property
    def free(self) -> int:
        """How many more trials it can take now."""
        return max(
            0, self._most_workers() - len(self._waiting) - sum(worker.trial is not None for worker in self._workers)
        )

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, or in the next one that starts or becomes idle."""
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)  # A node that finds it knows that it shares the disk.
        self._waiting.append((trial, config, folder))
        self._assign()

    def messages(self) -> Iterable[Message]:
        """Returns what has arrived since the last call; waits up to a second if nothing has."""
        for worker in list(self._workers):
            if worker.trial is None and not self._waiting and time.monotonic() - worker.since > _IDLE_SECONDS:
                self._end(worker)
        expected = {worker.reply: worker for worker in self._workers if worker.reply is not None}
        if not expected:
            time.sleep(1.0)
            return
        self._ray.wait(list(expected), timeout=1.0)
        ready, _ = self._ray.wait(list(expected), num_returns=len(expected), timeout=0)
        for reply in ready:
            yield from self._receive(expected[reply])

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a Built or an Epoch."""
        for worker in self._workers:
            if worker.trial == trial:
                worker.reply = worker.actor.answer.remote(trial, go_on)

    def close(self) -> None:
        """End every worker now, and the private cluster."""
        for worker in list(self._workers):
            self._end(worker)
        self._ray.shutdown()

    def _most_workers(self) -> int:
        # At least one: if every node is lost, one trial waits for the next node. A worker that could not start counts
        # against the limit. Else a node that lacks a module would soon fail every cell.
        return max(1, (self._limit or self._room()) - self._failed_starts)

    def _room(self) -> int:
        return sum(self._slot.fits(node["Resources"]) for node in self._ray.nodes() if node["Alive"])

    def _assign(self) -> None:
        """Give waiting trials to idle workers, and start a new worker for each trial that still waits."""
        # A new worker is bound to no trial, because it may wait long for room, or for a node that has just died.
        for worker in [worker for worker in self._workers if worker.trial is None and worker.reply is None]:
            if self._waiting and self._is_alive(worker):
                self._submit_to(worker, *self._waiting.popleft())
        new = len(self._waiting) - sum(worker.trial is None for worker in self._workers)
        for _ in range(min(new, self._most_workers() - len(self._workers)) if new > 0 else 0):
            self._start_worker()

    def _is_alive(self, worker: _Worker) -> bool:
        """Whether an idle worker is alive. If its node has died, no cell shall lose a retry because of that."""
        try:
            self._ray.get(worker.actor.ready.remote(), timeout=10)
        except self._ray.exceptions.RayError:
            self._end(worker)
            return False
        return True

    def _submit_to(self, worker: _Worker, trial: int, config: TrialConfig, folder: Path) -> None:
        worker.trial, worker.folder, worker.since = trial, folder, time.monotonic()
        node_folder = f"keras-study-{digest([platform.node(), str(folder)])[:16]}"
        worker.reply = worker.actor.submit.remote(trial, config, folder, node_folder)

    def _start_worker(self) -> None:
        # Ray must restart and repeat nothing, because only the ledger decides what runs again.
        limits = {"max_restarts": 0, "max_task_retries": 0}
        remote_class = self._ray.remote(num_cpus=self._slot.threads, num_gpus=self._slot.gpus, **limits)(NodeWorker)
        actor = remote_class.remote(*self._arguments)
        self._workers.append(_Worker(actor=actor, reply=actor.ready.remote()))

    def _receive(self, worker: _Worker) -> Iterator[Message]:
        try:
            messages, files = self._ray.get(worker.reply)
        except self._ray.exceptions.RayError as error:
            messages, files = self._lose(worker, str(error)), {}
        worker.reply = None
        for name, content in files.items():
            with (worker.folder / name).open("ab" if name == LOG else "wb") as file:
                file.write(content)
        if messages and isinstance(messages[-1], Finished):
            worker.trial, worker.since = None, time.monotonic()
        if messages and isinstance(messages[-1], Preparing):
            worker.reply = worker.actor.messages.remote()
        self._assign()
        yield from messages

    def _lose(self, worker: _Worker, error: str) -> list[Message]:
        """End a worker that Ray says has died. Returns the failure of a trial if it costs one."""
        self._end(worker)
        failure, reason = _cause_of_death(error)
        trial, seconds = worker.trial, time.monotonic() - worker.since
        if trial is None:  # It never started.
            self._failed_starts += reason != _NODE_LOST
            # While other workers are left, the trial that waits for one fails only if no worker can start at all.
            if reason == _NODE_LOST or self._workers or not self._waiting:
                return []
            (trial, *_), seconds = self._waiting.popleft(), 0.0
        result = TrialResult("failed", failure=failure, seconds=seconds, reason=reason, traceback=error)
        return [Finished(trial, result)]

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._ray.kill(worker.actor)  # Also if it seems dead: one that is only out of reach must not go on.


def _connect(address: str | None, *, cores: int) -> Any:
    """Returns the module `ray`, connected to the cluster at an address, or to a private one with so many cores.

    Ray reads some environment variables when it is imported and in the processes that it starts, so they stay set.
    """
    os.environ.update({**_QUIET, **os.environ})
    try:
        import ray
    except ImportError as error:
        raise StudyError(f"trials on a Ray cluster need Ray ({error}): pip install 'keras-study[ray]'") from None
    private: dict[str, Any] = {
        "num_cpus": cores,
        "object_store_memory": _OBJECT_STORE_BYTES,
        "include_dashboard": False,
    }
    handler = signal.getsignal(signal.SIGTERM)
    try:
        if address:
            _check_port(address)
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **({} if address else private))
    except Exception as error:  # A wrong address, another version and a missing token raise many types of errors.
        problem = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise StudyError(f"Ray at {address or 'this machine'}: {problem}") from error
    finally:
        # In the main thread Ray sets a handler of its own. Ours is set again, which is impossible in another thread.
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, handler)
    return ray


def _check_port(address: str) -> None:
    """Raise OSError if nothing listens at `host:port`, because Ray takes minutes to say so."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()


def _cause_of_death(text: str) -> tuple[Failure, str]:
    """Returns the kind of a worker's failure and the reason, from what Ray says about its actor."""
    if "OUT_OF_MEMORY" in text:
        return "memory", "killed by Ray, because its node ran out of memory"
    if "node has died" in text or "is unavailable" in text:
        return "worker", _NODE_LOST
    return "worker", f"the worker died ({text.strip().splitlines()[-1].partition('. ')[0]})"
