"""A child run shows a trial while it runs, and is whole at its end."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from study.engines.engine import Epoch
from study.ledger.ledger import Ledger
from study.tracking import live_epochs
from study.tracking.connection import connect
from study.tracking.live_epochs import RunningTrial
from study.tracking.study_log import StudyLog
from study.tracking.tracker import MlflowTracker
from study.tracking.trial_run import EndedEpoch
from tests.tracking.logged_studies import histories, runs
from tests.trial_functions import curve, space, succeed

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


def test_the_epochs_of_a_running_trial_are_shown_and_not_logged_again(store: Path) -> None:
    with Ledger.own(store, space(seeds=(0,))) as ledger:
        log = StudyLog(store, ledger)
        trial = ledger.next()
        assert trial is not None
        now, values = int(time.time() * 1000), curve(trial.config)
        for place in (0, 1):
            log.show(RunningTrial(trial, now, [EndedEpoch(place + 1, values[place], now)]))
        (shown,) = connect(store).search_runs([log._experiment], "tags.`study.trial` = '0'")
        assert (shown.info.status, shown.info.run_name) == ("RUNNING", "baseline · seed 0")
        assert shown.data.params == {"depth": "3"}
        assert [step for step, _ in histories(store, shown, "val_acc")] == [1, 2]
        log.log(trial, ledger.record(trial.number, succeed(trial.config)))
        log.end(ledger.counts())
    (whole,) = runs(store)[1]
    assert whole.info.run_id == shown.info.run_id
    assert (whole.info.status, whole.data.tags["state"]) == ("FINISHED", "complete")
    assert [step for step, _ in histories(store, whole, "val_acc")] == [1, 2, 3]
    assert whole.info.start_time == now


def test_a_trial_that_was_stopped_leaves_no_run(store: Path) -> None:
    with Ledger.own(store, space(seeds=(0,))) as ledger:
        log = StudyLog(store, ledger)
        trial = ledger.next()
        assert trial is not None
        log.show(RunningTrial(trial, 0, [EndedEpoch(1, {"val_acc": 0.5}, 1)]))
        ledger.release(trial.number, "stopped after epoch 1")
        log.end(ledger.counts())
    assert runs(store)[1] == []


def test_the_thread_shows_an_epoch_while_the_trial_runs(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_epochs, "_YOUNG", 0.0)
    with Ledger.own(store, space(seeds=(0,))) as ledger:
        tracker = MlflowTracker(ledger, store)
        tracker._live_pace = live_epochs.Pace(rest=0.05, times=1)
        trial = ledger.next()
        assert trial is not None
        tracker.started(trial)
        time.sleep(0.01)
        tracker.received(trial, Epoch(trial.number, 1, {"val_acc": 0.25}))
        client, end = connect(store), time.monotonic() + 60
        while not (shown := [run for run in all_runs(client) if "val_acc" in run.data.metrics]):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert (shown[0].info.status, shown[0].data.metrics["val_acc"]) == ("RUNNING", 0.25)
        tracker.log(trial, ledger.record(trial.number, succeed(trial.config)))
        tracker.close()
    assert [run.info.run_id for run in runs(store)[1]] == [shown[0].info.run_id]


def all_runs(client: "MlflowClient") -> list["Run"]:
    experiment = client.get_experiment_by_name("played")
    return client.search_runs([experiment.experiment_id], "tags.`study.trial` != ''") if experiment else []
