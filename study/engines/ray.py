"""Trials on the nodes of a Ray cluster: an actor keeps each worker, and is replaced when it or its node dies.

The nodes must be able to import keras-study with its extra `ray` and whatever the task is made of, in the launcher's
versions: one image, or one environment on a shared disk. A cell's folder on a disk that a node shares is used as it is;
elsewhere a worker keeps a folder of its own node, from which log and final weights travel back with the result and the
checkpoint does not.
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
from study.engines.ray_node import Keeper
from study.errors import StudyError
from study.space.trial import Failure, TrialConfig, TrialResult, digest

_IDLE = 10.0
"""Seconds after which a worker that no cell waits for gives its room back to the cluster."""
_LOST = "the worker's node died or is out of reach"
_STORE_BYTES = 100 * 2**20
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray would print what becomes of its processes into whatever the launcher shows of the study.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}


@dataclass(frozen=True)
class Slot:
    """What a worker takes of its node: cores, and GPUs or a part of one; others it does not see."""

    threads: int = 1
    gpus: float = 0

    def __post_init__(self) -> None:
        if self.threads < 1 or self.gpus < 0 or (self.gpus > 1 and self.gpus % 1):
            raise StudyError(f"a worker takes at least 1 thread, and up to 1 or whole GPUs, not {self}")

    def fits(self, resources: Mapping[str, float]) -> int:
        """How many such workers a node of these resources holds."""
        wanted = {"CPU": self.threads, "GPU": self.gpus}
        return min(int(resources.get(name, 0) / much + 1e-9) for name, much in wanted.items() if much)


@dataclass
class _Worker:
    actor: Any
    trial: int | None = None
    folder: Path = Path()
    since: float = field(default_factory=time.monotonic)
    said: Any = None
    """Ray's reference to what it says next, first that it lives; none while it is idle or waits for an answer."""


class RayEngine:
    """Workers on the cluster at `address`, or on a private one of this machine, that run `function` (`module:name`).

    There are `workers` of them, some of which may have to wait for room, or as many as the nodes hold at the moment.
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
        hidden = {} if self._slot.gpus else {"CUDA_VISIBLE_DEVICES": "-1"}  # Ray shows them all where none is taken.
        self._given = function, {**hidden, **(environment or {})}, timeout, Path.cwd()
        self._most = workers
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[int, TrialConfig, Path]] = deque()
        self._stillborn = 0
        local = workers or max(1, processors() // self._slot.threads)
        self._ray = _connect(address, cores=local * self._slot.threads)
        if not workers and not self._room():
            self.close()
            raise StudyError(f"no node of the Ray cluster has room for {self._slot}; --workers N waits for one")

    @property
    def free(self) -> int:
        """How many more cells it can take now."""
        return max(0, self._places() - len(self._waiting) - sum(worker.trial is not None for worker in self._workers))

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, else in the first that is new or done."""
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)  # By this a node knows that it shares the disk.
        self._waiting.append((trial, config, folder))
        self._assign()

    def messages(self) -> Iterable[Message]:
        """What has come in since the last call; waits up to a second where nothing has."""
        for worker in list(self._workers):
            if worker.trial is None and not self._waiting and time.monotonic() - worker.since > _IDLE:
                self._end(worker)
        talking = {worker.said: worker for worker in self._workers if worker.said is not None}
        if not talking:
            time.sleep(1.0)
            return
        self._ray.wait(list(talking), timeout=1.0)
        ready, _ = self._ray.wait(list(talking), num_returns=len(talking), timeout=0)
        for said in ready:
            yield from self._receive(talking[said])

    def answer(self, trial: int, *, go_on: bool) -> None:
        """Answer a Built or an Epoch."""
        for worker in self._workers:
            if worker.trial == trial:
                worker.said = worker.actor.answer.remote(trial, go_on)

    def close(self) -> None:
        """End every worker now, and the private cluster."""
        for worker in list(self._workers):
            self._end(worker)
        self._ray.shutdown()

    def _places(self) -> int:
        # Where every node is lost, one cell waits for the next. A place where nothing comes to life is not tried again,
        # else a node that lacks a module would soon have failed every cell.
        return max(1, (self._most or self._room()) - self._stillborn)

    def _room(self) -> int:
        return sum(self._slot.fits(node["Resources"]) for node in self._ray.nodes() if node["Alive"])

    def _assign(self) -> None:
        """Give what waits to idle workers, and let a new one start for each trial that still waits."""
        # No trial is bound to a new worker: that may wait long for room, or for a node that has just died.
        for worker in [worker for worker in self._workers if worker.trial is None and worker.said is None]:
            if self._waiting and self._lives(worker):
                self._give(worker, *self._waiting.popleft())
        new = len(self._waiting) - sum(worker.trial is None for worker in self._workers)
        for _ in range(min(new, self._places() - len(self._workers)) if new > 0 else 0):
            self._start()

    def _lives(self, worker: _Worker) -> bool:
        """Whether an idle worker is still there: its node may have gone, and no cell shall lose a retry by that."""
        try:
            self._ray.get(worker.actor.ready.remote(), timeout=10)
        except self._ray.exceptions.RayError:
            self._end(worker)
            return False
        return True

    def _give(self, worker: _Worker, trial: int, config: TrialConfig, folder: Path) -> None:
        worker.trial, worker.folder, worker.since = trial, folder, time.monotonic()
        own = f"keras-study-{digest([platform.node(), str(folder)])[:16]}"
        worker.said = worker.actor.submit.remote(trial, config, folder, own)

    def _start(self) -> None:
        # Ray restarts and repeats nothing: what is run again is for the ledger to say.
        limits = {"max_restarts": 0, "max_task_retries": 0}
        keeper = self._ray.remote(num_cpus=self._slot.threads, num_gpus=self._slot.gpus, **limits)(Keeper)
        actor = keeper.remote(*self._given)
        self._workers.append(_Worker(actor, said=actor.ready.remote()))

    def _receive(self, worker: _Worker) -> Iterator[Message]:
        try:
            messages, files = self._ray.get(worker.said)
        except self._ray.exceptions.RayError as error:
            messages, files = self._bury(worker, str(error)), {}
        worker.said = None
        for name, content in files.items():
            with (worker.folder / name).open("ab" if name == LOG else "wb") as file:
                file.write(content)
        if messages and isinstance(messages[-1], Finished):
            worker.trial, worker.since = None, time.monotonic()
        if messages and isinstance(messages[-1], Preparing):
            worker.said = worker.actor.messages.remote()
        self._assign()
        yield from messages

    def _bury(self, worker: _Worker, error: str) -> list[Message]:
        self._end(worker)
        failure, reason = _death(error)
        trial, seconds = worker.trial, time.monotonic() - worker.since
        if trial is None:  # It never came to life.
            self._stillborn += reason != _LOST
            if reason == _LOST or self._workers or not self._waiting:
                return []
            (trial, *_), seconds = self._waiting.popleft(), 0.0
        result = TrialResult("failed", failure=failure, seconds=seconds, reason=reason, traceback=error)
        return [Finished(trial, result)]

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._ray.kill(worker.actor)  # Also where it seems dead: out of reach for a while, it must not go on.


def _connect(address: str | None, *, cores: int) -> Any:
    """The module `ray`, connected to a cluster, or to a private one with so many cores."""
    os.environ.update({**_QUIET, **os.environ})
    try:
        import ray
    except ImportError:
        raise StudyError("trials on a Ray cluster need Ray: pip install 'keras-study[ray]'") from None
    private: dict[str, Any] = {"num_cpus": cores, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
    terminated = signal.getsignal(signal.SIGTERM)
    try:
        if address:
            _knock(address)
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **({} if address else private))
    except Exception as error:  # For a wrong address, another version or a missing token it raises what it likes.
        problem = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise StudyError(f"Ray at {address or 'this machine'}: {problem}") from error
    finally:
        with suppress(ValueError):  # Ray takes this signal in the main thread, and in no other can it be given back.
            signal.signal(signal.SIGTERM, terminated)
    return ray


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at `host:port`: Ray itself takes minutes to say so."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()


def _death(text: str) -> tuple[Failure, str]:
    """What a worker died of, from what Ray says of its actor."""
    if "OUT_OF_MEMORY" in text:
        return "memory", "killed by Ray, for its node ran out of memory"
    if "node has died" in text or "is unavailable" in text:
        return "worker", _LOST
    return "worker", f"the worker died ({text.strip().splitlines()[-1].partition('. ')[0]})"
