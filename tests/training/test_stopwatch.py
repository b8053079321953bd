"""The stopwatch: seconds by purpose."""

import time
from collections.abc import Iterator

import pytest

from study.training.stopwatch import Stopwatch


def test_each_lap_counts_for_its_purpose_and_earlier_attempts_for_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    times: Iterator[float] = iter([10.0, 11.0, 13.0, 17.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    stopwatch = Stopwatch()
    stopwatch.lap("train")
    stopwatch.lap("validate")
    stopwatch.lap("train")
    assert stopwatch.laps == {"train": 5.0, "validate": 2.0}
    assert stopwatch.total() == 7.0
    stopwatch.earlier = 100.0
    assert stopwatch.total() == 107.0
