"""The time that a run still takes."""

from dataclasses import replace

import pytest

from study.running.progress_forecast import Begun, Forecast
from study.space.trial import TrialResult
from tests.trial_functions import fail, space, succeed

CONFIG = space().config({}, seed=0)


def trial(seconds: float, **timing: float) -> TrialResult:
    return replace(succeed(CONFIG), seconds=seconds, timing=timing)


def left(results: list[TrialResult], cells: int, *begun: Begun, workers: int = 1) -> float:
    forecast = Forecast()
    for result in results:
        forecast.add(result)
    return forecast.seconds_left(cells, begun, workers=workers)


def test_what_is_done_once_is_not_expected_again() -> None:
    first = trial(40.0, **{"import": 15.0, "data": 20.0, "train": 5.0})
    assert left([first], 10) == pytest.approx(250)  # Nobody knows yet that the data are there.
    assert left([first, trial(5.0, data=0.5, train=4.5)], 10) == pytest.approx(10 * (4.75 + 0.5))


def test_running_cells_count_as_far_as_they_are() -> None:
    assert left([trial(10.0)], 4, Begun(0.5, None), Begun(0.25, None), workers=2) == pytest.approx(10 * 3.25 / 2)


def test_the_last_cells_cannot_be_shared() -> None:
    assert left([trial(10.0)], 1, Begun(0.25, None), workers=8) == pytest.approx(7.5)


def test_a_failed_trial_tells_nothing() -> None:
    assert left([fail(CONFIG)], 10) == 0
    assert left([fail(CONFIG), trial(10.0)], 2) == pytest.approx(20)


def test_nobody_knows_before_an_epoch_is_over() -> None:
    assert left([], 10, Begun(0.0, 5.0), Begun(0.0, None)) == 0
