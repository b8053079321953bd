"""Epochs wait until the thread of the log takes them, and what costs much is done rarely."""

import time

import pytest

from study.ledger.cell import Trial
from study.tracking import live_epochs
from study.tracking.live_epochs import LiveEpochs, Pace
from tests.trial_functions import space

TRIALS = [Trial(number, space().config({}, seed=number), "baseline") for number in range(2)]


def test_epochs_are_taken_once_and_not_of_a_trial_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_epochs, "_YOUNG", -1)
    live = LiveEpochs()
    for trial in TRIALS:
        live.start(trial)
        for epoch in (1, 2):
            live.add(trial, epoch, {"loss": 1 / epoch})
    live.end(TRIALS[0])
    (taken,) = live.take()
    assert taken.trial is TRIALS[1]
    assert [(one.epoch, one.metrics) for one in taken.epochs] == [(1, {"loss": 1.0}), (2, {"loss": 0.5})]
    assert live.take() == []
    live.add(TRIALS[1], 3, {"loss": 0.3})
    assert [[one.epoch for one in taken.epochs] for taken in live.take()] == [[3]]
    live.add(TRIALS[0], 3, {"loss": 0.3})
    live.close()
    live.start(TRIALS[0])
    live.add(TRIALS[0], 1, {})
    assert live.take() == []


def test_a_young_trial_is_not_shown() -> None:
    live = LiveEpochs()
    live.start(TRIALS[0])
    live.add(TRIALS[0], 1, {"loss": 1.0})
    assert live.take() == []


def test_a_rest_is_as_long_as_the_work_was_slow() -> None:
    pace = Pace(rest=0, times=20)
    assert pace.wait == 0
    with pace.timed():
        time.sleep(0.05)
    assert 0.8 < pace.wait < 20
    lazy = Pace(rest=60, times=1)
    assert 59 < lazy.wait <= 60
    with pytest.raises(ValueError), lazy.timed():
        raise ValueError("work that failed takes its time, too")
    assert 59 < lazy.wait <= 60
