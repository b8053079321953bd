"""A trial's report: what it sends through the pipe, and what it refuses to send."""

import os
import threading
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.engines.engine import Built, Epoch, Preparing
from study.engines.pipe_report import PipeReport, plain_metrics
from study.errors import DataError


def test_a_report_sends_plain_numbers_and_waits_for_the_answer() -> None:
    launcher, worker = Pipe()
    report = PipeReport(7, Path(), worker)
    launcher.send(True)
    launcher.send(False)
    report.preparing("data", 1, 2)
    assert report.built({"parameters": np.int64(10)})  # type: ignore[dict-item]
    assert not report.epoch(1, {"loss": np.float32(0.5)})  # type: ignore[dict-item]
    messages = [launcher.recv() for _ in range(3)]
    assert messages == [
        (Preparing(7, "data", 1, 2), False),
        (Built(7, {"parameters": 10}), False),
        (Epoch(7, 1, {"loss": 0.5}), False),
    ]
    assert type(messages[1][0].size["parameters"]) is int


def test_the_names_of_metrics_are_sent_as_they_will_be_reported() -> None:
    launcher, worker = Pipe()
    launcher.send(True)
    assert PipeReport(7, Path(), worker).built({}, ["loss", "caf\udce9"])
    built, _ = launcher.recv()
    assert built.metrics == ("loss", "caf\\udce9") == tuple(plain_metrics({"loss": 1.0, "caf\udce9": 2.0}))


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [
        (1, None, "progress(1, None)"),
        ("half", 2, "progress('half', 2)"),
        ("1", 2, "progress('1', 2)"),
        (1, float("nan"), "progress(1, nan)"),
        (float("inf"), 3, "progress(inf, 3)"),
        (-5, -10, "progress(-5, -10)"),
        ([1], 2, "progress([1], 2)"),
        (1j, 2, "progress(1j, 2)"),
        (np.zeros(3), 2, "progress([0. 0. 0.], 2)"),
    ],
)
def test_a_progress_that_is_no_pair_of_counts_is_refused_in_the_worker(done: Any, total: Any, shown: str) -> None:
    launcher, worker = Pipe()
    with pytest.raises(DataError) as refusal:
        PipeReport(7, Path(), worker).preparing("data", done, total)
    assert str(refusal.value) == (
        f"{shown}: both must be numbers of at least 0: how much is done, and the total (0 if it is unknown)"
    )
    assert not launcher.poll()


@pytest.mark.parametrize(("done", "total"), [(np.int64(1), np.float32(2)), (1.9, 2.0), (True, 2), (1, 2)])
def test_a_progress_of_other_numbers_arrives_as_whole_numbers(done: Any, total: Any) -> None:
    launcher, worker = Pipe()
    PipeReport(7, Path(), worker).preparing("caf\udce9\0", done, total)
    message, _ = launcher.recv()
    assert message == Preparing(7, "caf\\udce9\\x00", 1, 2)
    assert (type(message.done), type(message.total)) == (int, int)


def test_a_flood_of_reports_is_thinned_out_and_its_end_is_sent() -> None:
    launcher, worker = Pipe()
    report = PipeReport(7, Path(), worker)
    received: list[Preparing] = []

    def read() -> None:
        while not received or received[-1].done < 50_000:
            received.append(launcher.recv()[0])

    reader = threading.Thread(target=read)
    reader.start()
    for done in range(50_001):
        report.preparing("data", done, 50_000)
    reader.join(10)
    assert not reader.is_alive()
    assert [received[0].done, received[-1].done] == [0, 50_000]
    assert len(received) < 1_000


def test_reports_of_several_threads_arrive_whole_and_a_forked_process_sends_none() -> None:
    launcher, worker = Pipe()
    report = PipeReport(7, Path(), worker)

    def report_often(what: str) -> None:
        for _ in range(50):
            report.preparing(what, 1, 1)

    threads = [threading.Thread(target=report_often, args=(str(number) * 999,)) for number in range(4)]
    for thread in threads:
        thread.start()
    received = [launcher.recv()[0].what for _ in range(200)]
    assert sorted(received) == sorted(str(number) * 999 for number in range(4) for _ in range(50))
    report._process = os.getppid()  # As it is in a process that the task forked.
    report.preparing("data", 1, 1)
    assert not launcher.poll()


def test_a_metric_that_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match=r"the metric 'val_acc' must be a number, not \[0.5, 0.75\]"):
        plain_metrics({"val_acc": [0.5, 0.75]})  # type: ignore[dict-item]
