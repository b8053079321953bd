"""What a launcher knows of a worker: the trial that it runs, how far that is, and whether it takes too long."""

import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from study.engines.engine import READY, Built, Epoch, Preparing
from study.engines.worker_handle import Assignment, WorkerHandle, epoch_of
from tests.trial_functions import space


def handle() -> tuple[WorkerHandle, Any]:
    ours, theirs = multiprocessing.Pipe()
    nobody: Any = None
    return WorkerHandle(process=nobody, pipe=ours, mark="", index=0, memory_kills=0), theirs


def test_a_trial_is_sent_and_taken_over_where_it_was(tmp_path: Path) -> None:
    (first, _), (second, pipe) = handle(), handle()
    assignment = Assignment(7, space().config({}, seed=0), tmp_path)
    first.take(assignment)
    assert first.is_news(Built(7, {}))
    assert first.is_news(Epoch(7, 2, {}))
    assert not first.is_news(Epoch(7, 1, {}))
    first.go_on = False
    second.take_over(first)
    assert (second.trial, second.reported, second.go_on) == (7, 2, False)
    assert pipe.recv() == assignment
    assert (epoch_of(Built(7, {})), epoch_of(Epoch(7, 3, {}))) == (0, 3)


def test_the_time_in_which_data_are_made_does_not_count(tmp_path: Path) -> None:
    worker, _ = handle()
    worker.take(Assignment(0, space().config({}, seed=0), tmp_path))
    worker.since -= 10
    assert worker.is_late(5)
    assert not worker.is_late(None)
    worker.count_time(Preparing(0, "data", 1, 2))
    assert not worker.is_late(5)
    worker.count_time(Preparing(0, READY, 0, 0))
    assert time.monotonic() - worker.since < 5
    assert not worker.is_late(5)


def test_a_worker_that_is_gone_is_noticed_when_its_engine_listens() -> None:
    worker, theirs = handle()
    theirs.close()
    worker.send(True)  # Raises nothing.
    with pytest.raises(EOFError):
        worker.pipe.recv()
