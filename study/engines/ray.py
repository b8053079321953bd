"""Runs trials on the nodes of a Ray cluster. An actor runs each worker, and is replaced if it or its node dies.

The nodes must be able to import keras-study with its extra `ray`, and everything that the task needs, in the same
versions as the launcher: from one image, or from one environment on a shared disk. If a node shares the disk with a
cell's folder, its worker uses that folder. If not, the worker uses a folder of the node. The log and the final weights
are then sent back with the result, but the checkpoint stays on the node.
"""

import platform
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.engines.cell_folder import LOG
from study.engines.engine import Finished, Message, Preparing
from study.engines.local import processors
from study.engines.ray_cluster import Slot, connect
from study.engines.ray_node import NodeWorker
from study.errors import StudyError
from study.space.cell_key import digest
from study.space.trial import Failure, TrialConfig, TrialResult

_IDLE_SECONDS = 10.0
"""After this time an idle worker is ended if no trial waits, so that others can use its cores."""
_NODE_LOST = "the worker's node died or is out of reach"


@dataclass(kw_only=True)
class _Worker:
    actor: Any
    trial: int | None = None
    """The trial that the worker runs, or None while it is idle."""
    folder: Path = Path()
    since: float = field(default_factory=time.monotonic)
    """When its trial began, or when it became idle."""
    reply: Any = None
    """Ray's reference to the next reply of the worker, or None while it is idle or waits for an answer.

    The first reply shows that the worker is alive.
    """


class RayEngine:
    """Runs `function` (`module:name`) in workers on the cluster at `address`, or on a private cluster on this machine.

    `workers` is the number of workers. Some of them may have to wait for a free node. Without it, there are as many
    workers as the nodes can hold at the moment.
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
        # A worker that asked for no GPU must see none. Without this variable, Ray would show it all GPUs.
        hidden = {} if self._slot.gpus else {"CUDA_VISIBLE_DEVICES": "-1"}
        self._arguments = function, {**hidden, **(environment or {})}, timeout, Path.cwd()
        self._limit = workers
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[int, TrialConfig, Path]] = deque()
        self._failed_starts = 0
        local = workers or max(1, processors() // self._slot.threads)
        self._ray = connect(address, cores=local * self._slot.threads)
        if not workers and not self._room():
            self.close()
            raise StudyError(f"no node of the Ray cluster has room for {self._slot}; --workers N waits for one")

    @property
    def free(self) -> int:
        """Returns how many more trials the engine can take now."""
        return max(
            0, self._most_workers() - len(self._waiting) - sum(worker.trial is not None for worker in self._workers)
        )

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        """Start a trial in an idle worker, or in the next one that starts or becomes idle."""
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)  # If a node can see this folder, it shares the disk.
        self._waiting.append((trial, config, folder))
        self._assign()

    def messages(self) -> Iterable[Message]:
        """Returns the messages since the last call. Waits up to a second if there are none."""
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
        """Answer a `Built` or an `Epoch` message."""
        for worker in self._workers:
            if worker.trial == trial:
                worker.reply = worker.actor.answer.remote(trial, go_on)

    def renew(self) -> None:
        """End the workers that run no trial, so that the next trials run in new processes."""
        for worker in [worker for worker in self._workers if worker.trial is None and worker.reply is None]:
            self._end(worker)

    def close(self) -> None:
        """End every worker now, and the private cluster."""
        for worker in list(self._workers):
            self._end(worker)
        self._ray.shutdown()

    def _most_workers(self) -> int:
        # At least one, so that one trial waits for the next node even if every node is lost. The limit shrinks by each
        # worker that could not start. Else a node that lacks a module would soon make every cell fail.
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
        """Whether an idle worker is alive. Checked before each trial, so that a dead node costs no cell a retry."""
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
        # Ray must neither restart nor repeat anything, because only the ledger decides what runs again.
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
        """End a worker that has died according to Ray. Returns the failure of its trial; empty if no trial fails."""
        self._end(worker)
        failure, reason = _cause_of_death(error)
        trial, seconds = worker.trial, time.monotonic() - worker.since
        if trial is None:  # The worker never started.
            self._failed_starts += reason != _NODE_LOST
            # A waiting trial fails only if no worker is left, because then none can start at all.
            if reason == _NODE_LOST or self._workers or not self._waiting:
                return []
            (trial, *_), seconds = self._waiting.popleft(), 0.0
        result = TrialResult("failed", failure=failure, seconds=seconds, reason=reason, traceback=error)
        return [Finished(trial, result)]

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._ray.kill(worker.actor)  # Even if it seems dead, because it may only be out of reach, and must not go on.


def _cause_of_death(text: str) -> tuple[Failure, str]:
    """Returns the kind of a worker's failure and its reason, from Ray's message about the actor."""
    if "OUT_OF_MEMORY" in text:
        return "memory", "killed by Ray, because its node ran out of memory"
    if "node has died" in text or "is unavailable" in text:
        return "worker", _NODE_LOST
    return "worker", f"the worker died ({text.strip().splitlines()[-1].partition('. ')[0]})"
