"""Measures the cache of data sets: how fast a data set is attached, and what happens if many need it at once."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest import mock

from tests.conftest import ROOT


@dataclass(frozen=True)
class Attachment:
    """The cost of attaching the article's data set."""

    first: float
    """Seconds if it is in the cache and every byte is checked: the median of many times."""
    again: float
    """Seconds if the process has attached it before."""
    packed: float
    """Bytes of one image on disk."""


@dataclass(frozen=True)
class Crowd:
    """The result of many processes that needed the same data set, which was not yet in the cache."""

    processes: int
    builds: int
    waited: int
    """How many processes reported that they waited for another one."""
    fingerprints: int
    """How many different data sets the processes got. It should be 1."""
    seconds: float


def attachment(times: int = 101) -> Attachment:
    """Attach the article's data set again and again."""
    from study.data import cache, dataset
    from study.data.dataset import Dataset
    from study.data.stored_array import PackedBools
    from study.space.task_code import TaskCode
    from study.tasks.qr_digits import task

    def attach() -> Dataset:
        return cache.attach(task, {}, code=TaskCode(), on_progress=lambda what, done, total: None)

    def attach_anew() -> Dataset:
        dataset._READ.clear()
        return attach()

    with _empty_cache():
        inputs, _ = attach().splits["pool"]
        first, again = _median(attach_anew, times), _median(attach, times)
    assert isinstance(inputs, PackedBools)
    return Attachment(first, again, inputs.packed[:1].nbytes)


def _median(work: Callable[[], object], times: int) -> float:
    def seconds() -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    return median(seconds() for _ in range(times))


_ONE = """
import json, sys
from pathlib import Path
from study.data import cache
from study.space.task_code import TaskCode
from study.tasks.qr_digits import task

reports = set()
print("ready", flush=True)
sys.stdin.readline()
data = cache.attach(task, {}, code=TaskCode(), on_progress=lambda what, done, total: reports.add(what.split()[0]))
print(json.dumps({"fingerprint": data.fingerprint, "reports": sorted(reports)}))
"""


def crowd(processes: int = 64) -> Crowd:
    """Start this number of processes. All attach the article's data set at the same moment."""
    with _empty_cache():
        begun = [
            subprocess.Popen(
                [sys.executable, "-c", _ONE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(processes)
        ]
        for process in begun:
            assert process.stdout is not None
            process.stdout.readline()
        begin = time.perf_counter()
        for process in begun:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate()[0]) for process in begun]
        seconds = time.perf_counter() - begin
    return Crowd(
        processes,
        sum("making" in answer["reports"] for answer in answers),
        sum("waiting" in answer["reports"] for answer in answers),
        len({answer["fingerprint"] for answer in answers}),
        seconds,
    )


@contextmanager
def _empty_cache() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, STUDY_CACHE=str(Path(folder))):
        yield
