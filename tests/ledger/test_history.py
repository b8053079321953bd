"""The history of a study: failures, retries, and the result of every trial."""

from collections import Counter
from pathlib import Path

from study.ledger.ledger import Ledger
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import keys, killed, run, states
from tests.trial_functions import fail, space, succeed


def test_a_lost_trial_is_no_failure(tmp_path: Path) -> None:
    once = space(max_retries=0)
    for _ in range(4):
        killed(tmp_path, once, after=0)
    assert len(run(tmp_path, once)) == 6
    assert states(tmp_path) == {"complete": 6}


def test_a_failure_is_retried_and_then_final(tmp_path: Path) -> None:
    trials = run(tmp_path, space(max_retries=2), fail)
    assert set(Counter(keys(trials)).values()) == {3}
    assert states(tmp_path) == {"failed": 6}
    assert run(tmp_path, space(max_retries=2)) == []
    cell = Ledger.read(tmp_path, "played").cells()[0]
    assert cell.failures == 3
    assert cell.result is not None
    assert cell.result.reason == "ValueError: no luck"
    assert cell.result.traceback.startswith("Traceback")


def test_more_retries_may_be_asked_for_later(tmp_path: Path) -> None:
    run(tmp_path, space(max_retries=0), fail)
    assert len(run(tmp_path, space(max_retries=1))) == 6
    assert states(tmp_path) == {"complete": 6}


def test_failures_are_counted_over_restarts(tmp_path: Path) -> None:
    assert len(run(tmp_path, space(max_retries=1), fail, most=4)) == 4
    assert states(tmp_path) == {"missing": 6}
    assert len(run(tmp_path, space(max_retries=1), fail)) == 8
    assert states(tmp_path) == {"failed": 6}


def test_what_finished_is_told_with_the_curve_of_the_last_trial_alone(tmp_path: Path) -> None:
    tried: set[str] = set()

    def second_time(config: TrialConfig) -> TrialResult:
        if config.key in tried:
            return succeed(config)
        tried.add(config.key)
        return fail(config)

    run(tmp_path, space(seeds=(0,)), second_time)
    finished = list(Ledger.read(tmp_path, "played").finished())
    assert sorted(trial.number for trial, _ in finished) == list(range(6))
    for trial, result in finished:
        assert result == (fail if trial.number < 3 else succeed)(trial.config)
    some = Ledger.read(tmp_path, "played").finished(but={0, 1, 2, 3})
    assert sorted(trial.number for trial, _ in some) == [4, 5]
