"""The ledger runs every cell once, whatever is killed or added."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from study.ledger.ledger import Ledger
from study.space.points import count_cells, listed_cells
from tests.ledger.launches import keys, killed, named, run, states, stored
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import curve, fail, space, succeed


@pytest.mark.parametrize("kind", ["ablation", "grid"])
def test_every_cell_is_run_once_and_a_second_run_runs_nothing(tmp_path: Path, kind: Any) -> None:
    two = space(DEPTH, POOLING, kind=kind)
    trials = run(tmp_path, two)
    assert keys(trials) == [config.key for config in listed_cells(two)]
    assert named(trials)[0] == "baseline 0"
    assert run(tmp_path, two) == []
    assert states(tmp_path) == {"complete": count_cells(two)}


def test_cells_that_are_claimed_together_are_different_ones(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        trials = [trial for _ in range(6) if (trial := ledger.next())]
        assert ledger.next() is None
        assert len(set(keys(trials))) == 6
        assert +ledger.counts() == {"running": 6}
        for trial in reversed(trials):
            ledger.record(trial.number, succeed(trial.config))
        assert +ledger.counts() == {"complete": 6}


def test_what_is_stored_is_what_came_out(tmp_path: Path) -> None:
    trials = run(tmp_path, space(POOLING))
    ledger = Ledger.read(tmp_path, "played")
    for cell, trial in zip(ledger.cells(), trials, strict=True):
        assert cell.config.key == trial.config.key
        assert cell.result == replace(succeed(trial.config), curve=())
        assert tuple(ledger.curve(cell.config.key)) == curve(trial.config)


@pytest.mark.parametrize("during", [1, 3])
def test_whoever_was_running_at_a_kill_is_run_again(tmp_path: Path, during: int) -> None:
    done = killed(tmp_path, space(), after=2, during=during)
    assert states(tmp_path) == {"complete": 2, "missing": 4}
    again = run(tmp_path, space())
    assert len(again) == 4
    assert not set(keys(done)) & set(keys(again))
    assert states(tmp_path) == {"complete": 6}
    assert Counter(trial.state.name for trial in stored(tmp_path).trials) == {"COMPLETE": 6, "FAIL": during}


def test_a_launcher_that_stops_gives_its_trials_back(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        ledger.next()
    (trial,) = stored(tmp_path).trials
    assert trial.state == TrialState.FAIL
    assert trial.user_attrs["lost"] == "the launcher stopped"
    assert len(run(tmp_path, space())) == 6


def test_other_cells_are_run_before_a_retry(tmp_path: Path) -> None:
    assert len(set(keys(run(tmp_path, space(), fail, most=6)))) == 6
