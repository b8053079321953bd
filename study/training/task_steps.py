"""The steps of a check of a task, as a worker runs them, one after another in one process."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.data import cache
from study.data.dataset import MANIFEST, read_manifest
from study.data.one_class import one_class
from study.data.stream import Stream
from study.engines.cell_folder import STEP
from study.engines.engine import Report
from study.space.refused_points import refusals
from study.space.task_code import code_of
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.training.environment import task_in_worker
from study.training.fit import train
from study.training.model_file import save


def run_step(config: TrialConfig, report: Report) -> TrialResult:
    """Run the step that the folder names. This is a trial function."""
    return _STEPS[(report.folder / STEP).read_text(encoding="utf-8")](config, report)


def _make_data(config: TrialConfig, report: Report) -> TrialResult:
    """Make the data of a trial, or take them from the cache. The trial is refused if its task refuses its settings.

    The result's reason says if the validation split has one class only.
    """
    task = task_in_worker(config)
    if reasons := refusals(task, config):
        return TrialResult("refused", reason="; ".join(reasons))
    data = cache.attach(task, config.settings, code=code_of(config), on_progress=report.preparing)
    # A stream is used whole, so that the number of its examples says nothing about what can be taken of it.
    streams = {split for split, given in data.splits.items() if isinstance(given, Stream)}
    counts = {split: None if split in streams else count for split, count in data.counts.items()}
    note = one_class(data.splits["pool"], data.splits["validation"])
    return TrialResult("complete", data={**data.facts(), "counts": counts}, reason=note)


def _make_data_again(config: TrialConfig, report: Report) -> TrialResult:
    """Make the data once more. The result's reason names the files that differ; empty if none does.

    Data with a stream lie in no files. They are made in each process, and their fingerprint is all that is compared.
    """
    task, code = task_in_worker(config), code_of(config)
    first = cache.attach(task, config.settings, code=code, on_progress=report.preparing)
    if any(isinstance(split, Stream) for split in first.splits.values()):
        return TrialResult("complete", data=first.facts())
    again = cache.make_again(task, config.settings, code=code, folder=report.folder, on_progress=report.preparing)
    files, others = (_files(data.folder) for data in (first, again))
    different = [name.removesuffix(".npy") for name in {**files, **others} if files.get(name) != others.get(name)]
    return TrialResult("complete", data=again.facts(), reason=", ".join(different))


def _files(folder: Path) -> Mapping[str, object]:
    files: Mapping[str, object] = read_manifest(folder)["files"] if (folder / MANIFEST).is_file() else {}
    return files


@dataclass(frozen=True)
class _Dying:
    """A report that ends the worker's process once the first epoch is over."""

    report: Report

    @property
    def folder(self) -> Path:
        return self.report.folder

    def preparing(self, what: str, done: int, total: int) -> None:
        self.report.preparing(what, done, total)

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        return self.report.built(size, metrics, data=data)

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False


def _train_and_die(config: TrialConfig, report: Report) -> TrialResult:
    """Train an epoch, and end as `kill -9` ends a process."""
    return train(config, _Dying(report))


_STEPS: Mapping[str, Callable[[TrialConfig, Report], TrialResult]] = {
    "data": _make_data,
    "data again": _make_data_again,
    "train": train,
    "train and die": _train_and_die,
    "save": save,
}
