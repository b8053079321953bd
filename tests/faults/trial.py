"""Trial functions that take milliseconds and keep their state after every epoch. They record each epoch in a file."""

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from study.engines.engine import Report
from study.files import write_whole
from study.space.cell_key import digest
from study.space.trial import Metrics, TrialConfig, TrialResult

WORK = "STUDY_FAULTS_WORK"
"""The environment variable with the path of the file that records the work."""
STATE = "state.json"
WEIGHTS = 1_000_000
"""Bytes of a large checkpoint."""
EPOCH = 0.003
"""The length of an epoch in seconds."""
DATA = {"name": "toy-0123", "fingerprint": "f" * 64, "counts": {"pool": 100}}
_ENVIRONMENT = {"backend": "none", "device": "cpu", "threads": 1}


def careful(config: TrialConfig, report: Report) -> TrialResult:
    """Go on after the last epoch that was kept. Each epoch's numbers depend on all epochs before it."""
    _note(config, 0)
    path = report.folder / STATE
    kept = _kept(path, config)
    for epoch in range(1, config.fidelity.epochs + 1):
        if epoch > len(kept["curve"]):
            _note(config, epoch)
            kept = _compute(config, epoch, kept)
            write_whole(path, json.dumps(kept))
        go_on = report.epoch(epoch, kept["curve"][epoch - 1])
        if not go_on and epoch < config.fidelity.epochs:
            return _result("pruned", kept["curve"][:epoch], reason=f"ended by the pruner after epoch {epoch}")
    return _result("complete", kept["curve"])


def heavy(config: TrialConfig, report: Report) -> TrialResult:
    """Do the same as `careful`, and write a file as large as the checkpoint of a real model."""
    write_whole(report.folder / "weights", "x" * WEIGHTS)
    return careful(config, report)


def on_other_data(config: TrialConfig, report: Report) -> TrialResult:
    """Do the same as `careful`, on data that were made otherwise."""
    other = {**DATA, "fingerprint": "0" * 64}
    if not report.built({}, data=other):
        return TrialResult("refused")
    return replace(careful(config, report), data=other)


def dozing(config: TrialConfig, report: Report) -> TrialResult:
    """Do the same as `careful`, but sleep in the third epoch of the first attempt at each cell."""

    def sleep(epoch: int) -> None:
        slept = Path(os.environ[WORK]).with_name(f"slept-{config.key[:16]}")
        if epoch == 3 and not slept.exists():
            slept.touch()
            time.sleep(1000)

    return careful(config, _Watched(report, sleep))


def trained(config: TrialConfig, report: Report) -> TrialResult:
    """Train a Keras model, as `study run` does. Each training pass over the data is one epoch."""
    from study.training.compiled_pass import _CompiledPass
    from study.training.fit import train

    through, done = _CompiledPass.__call__, 0

    def noted(made: Any, rows: Any, **options: Any) -> Any:
        if "epoch" in options:  # Only a training pass is told its epoch.
            _note(config, done + 1)
        return through(made, rows, **options)

    def count(epoch: int) -> None:
        nonlocal done
        done = epoch

    _note(config, 0)
    _CompiledPass.__call__ = noted  # type: ignore[assignment, method-assign]
    try:
        return train(config, _Watched(report, count))
    finally:
        _CompiledPass.__call__ = through  # type: ignore[method-assign]


@dataclass(frozen=True)
class _Watched:
    """A report that calls `look` with each epoch before it sends the epoch."""

    report: Report
    look: Callable[[int], None]

    @property
    def folder(self) -> Path:
        return self.report.folder

    def preparing(self, what: str, done: int, total: int) -> None:
        self.report.preparing(what, done, total)

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        return self.report.built(size, data=data)

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        self.look(epoch)
        return self.report.epoch(epoch, metrics)


def _kept(path: Path, config: TrialConfig) -> dict[str, Any]:
    """Return the state that an earlier attempt kept. It is empty if there is no file or the file is cut off."""
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {"state": config.key, "curve": []}
    return kept


def _compute(config: TrialConfig, epoch: int, kept: Mapping[str, Any]) -> dict[str, Any]:
    time.sleep(EPOCH)
    state = digest([kept["state"], epoch])
    noise = int(state[:8], 16) / 2**32
    height = int(config.key[:8], 16) / 2**32
    metrics = {"loss": noise / epoch, "val_acc": height * (1 - 2.0**-epoch) + noise / 1000}
    return {"state": state, "curve": [*kept["curve"], metrics]}


def _result(state: Any, curve: list[Metrics], *, reason: str = "") -> TrialResult:
    done = TrialResult(
        state, tuple(curve), parameters=10, flops=20, seconds=5.0, environment=_ENVIRONMENT, reason=reason
    )
    return replace(done, data=DATA)


# Records of the work


def _note(config: TrialConfig, epoch: int) -> None:
    """Record that an epoch begins. Epoch 0 stands for the beginning of an attempt."""
    file = os.open(os.environ[WORK], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{config.key} {epoch} {os.getpid()}\n".encode())
    os.close(file)


@dataclass(frozen=True)
class Work:
    """The work on a study, as its trial functions recorded it."""

    attempts: Mapping[str, list[list[int]]]
    """The attempts at each cell, by the cell's key. An attempt is the list of the epochs that it computed."""

    @classmethod
    def read(cls, path: Path) -> "Work":
        attempts: dict[str, list[list[int]]] = defaultdict(list)
        of_worker: dict[tuple[str, int], list[int]] = {}
        for key, epoch, pid in _notes(path):
            if epoch:
                of_worker[key, pid].append(epoch)
            else:
                of_worker[key, pid] = []
                attempts[key].append(of_worker[key, pid])
        return cls(attempts)

    @property
    def attempted(self) -> int:
        return sum(map(len, self.attempts.values()))

    @property
    def epochs(self) -> int:
        return sum(len(epochs) for attempts in self.attempts.values() for epochs in attempts)

    def lost(self) -> int:
        """Count the epochs that were computed twice. Asserts that each attempt begins at most one epoch too early.

        So a complete cell that ran again fails too, because it would begin with the first epoch.
        """
        lost = 0
        for key, attempts in self.attempts.items():
            last = 0
            for epochs in filter(None, attempts):
                assert epochs == list(range(epochs[0], epochs[-1] + 1)), f"{key}: {attempts}"
                assert epochs[0] in (last, last + 1), f"{key} lost more than an epoch: {attempts}"
                lost += epochs[0] == last
                last = epochs[-1]
        return lost


def _notes(path: Path) -> Iterator[tuple[str, int, int]]:
    for line in path.read_text().splitlines() if path.exists() else ():
        key, epoch, pid = line.split()
        yield key, int(epoch), int(pid)
