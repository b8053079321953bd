"""A study in MLflow: a parent run and a child for every trial, each once."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.space.cell_key import digest
from study.tracking import study_log
from study.tracking.connection import connect, tracking_uri
from study.tracking.mlflow_names import six_digits
from study.tracking.tracker import MlflowTracker
from tests.tracking.logged_studies import WIDE, forget, histories, launch, runs
from tests.trial_functions import curve, space, succeed

if TYPE_CHECKING:
    from mlflow.entities import Run


def cell_counts(parent: "Run") -> dict[str, float]:
    return {name: value for name, value in parent.data.metrics.items() if name.startswith("cells_")}


def test_a_parent_run_a_study_and_a_child_a_cell(logged: Path) -> None:
    parent, children = runs(logged)
    assert parent.info.run_name == "played"
    assert parent.info.status == "FINISHED"
    assert cell_counts(parent) == {"cells_complete": 10}
    cells = Ledger.read(logged, "played").cells()
    assert [run.data.tags["key"] for run in children] == [cell.config.key for cell in cells]
    assert {run.info.status for run in children} == {"FINISHED"}


def test_a_second_run_logs_nothing_and_does_not_ask_mlflow(logged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [run.info.run_id for run in runs(logged)[1]]
    with monkeypatch.context() as patch:
        patch.setattr(study_log, "connect", lambda store: pytest.fail("MLflow was asked"))
        assert launch(logged, WIDE) == ""
    assert [run.info.run_id for run in runs(logged)[1]] == before


def test_what_was_missed_is_logged_at_the_next_start(store: Path) -> None:
    launch(store, space(seeds=(0,)), tracker=False)
    assert launch(store, space(seeds=(0, 1))) == ""
    parent, children = runs(store)
    assert len(children) == 6
    assert histories(store, children[0], "val_acc") == [
        (epoch, six_digits(metrics["val_acc"]))
        for epoch, metrics in enumerate(curve(space().config({}, seed=0)), start=1)
    ]
    assert cell_counts(parent) == {"cells_complete": 6}
    assert "2 seed(s)" in parent.data.tags["mlflow.note.content"]


def test_logging_twice_is_logging_once(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    before = [run.info.run_id for run in runs(store)[1]]
    for keep in (2, 3, 0):
        forget(store, keep=keep)
        assert launch(store, space(seeds=(0,))) == ""
        assert [run.info.run_id for run in runs(store)[1]] == before


def test_what_a_dead_launcher_left_half_logged_is_logged_anew(store: Path) -> None:
    launch(store, space())
    parent, children = runs(store)
    connect(store).update_run(parent.info.run_id, status="RUNNING")
    connect(store).update_run(children[4].info.run_id, status="RUNNING")
    forget(store, keep=4)
    assert launch(store, space()) == ""
    _, again = runs(store)
    assert len(again) == 6
    assert [old.info.run_id == new.info.run_id for old, new in zip(children, again, strict=True)].count(False) == 1


def test_a_parent_that_was_left_running_is_ended(store: Path) -> None:
    launch(store, space())
    forget(store, keep=6)
    parent, _ = runs(store)
    connect(store).update_run(parent.info.run_id, status="RUNNING")
    assert launch(store, space()) == ""
    assert runs(store)[0].info.status == "FINISHED"


def test_a_study_that_stopped_early_says_so(store: Path) -> None:
    with Ledger.own(store, space()) as ledger:
        log = MlflowTracker(ledger, store)
        trial = ledger.next()
        assert trial is not None
        log.log(trial, ledger.record(trial.number, succeed(trial.config)))
        log.close()
    parent, children = runs(store)
    assert parent.info.status == "KILLED"
    assert cell_counts(parent) == {"cells_complete": 1, "cells_missing": 5}
    assert len(children) == 1
    assert launch(store, space()) == ""
    assert runs(store)[0].info.status == "FINISHED"
    assert cell_counts(runs(store)[0]) == {"cells_complete": 6, "cells_missing": 0}


def test_a_study_that_was_removed_and_begun_anew_has_runs_of_its_own(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    old = connect(store).get_run(runs(store)[1][0].data.tags["mlflow.parentRunId"])
    shutil.rmtree(study_folder(store, "played"))
    assert launch(store, space(seeds=(5, 6))) == ""
    connect(store).delete_run(old.info.run_id)
    experiment = old.info.experiment_id
    found = connect(store).search_runs([experiment], "tags.`mlflow.parentRunId` != ''")
    assert sorted(run.data.tags["setting.seed"] for run in found) == sorted("000555666")


def test_a_study_that_an_earlier_version_logged_gets_its_views_and_its_runs_stay(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    client, (parent, before) = connect(store), runs(store)
    experiment = parent.info.experiment_id
    # Its list had another name, there were no views, and names and tags of the runs were others.
    (path,) = study_folder(store, "played").glob("logged-*")
    path.rename(path.with_name(f"logged-{digest(tracking_uri(store))[:8]}"))
    for view in ("study-points", "study-all-runs"):
        client.delete_experiment_tag(experiment, f"mlflow.sharedViewState.{view}")
    for run in before:
        client.update_run(run.info.run_id, name=run.data.tags["point"])
        client.set_tag(run.info.run_id, "setting.width", "16")
        client.log_metric(run.info.run_id, "final_val_acc", run.data.metrics["val_acc"], step=3)
    old = [run.data.to_dictionary() for run in runs(store)[1]]
    assert launch(store, space(seeds=(0,))) == ""
    assert [run.info.run_id for run in runs(store)[1]] == [run.info.run_id for run in before]
    assert [run.data.to_dictionary() for run in runs(store)[1]] == old
    assert "mlflow.sharedViewState.study-points" in client.get_experiment(experiment).tags
    assert [one.read_text() for one in study_folder(store, "played").glob("logged-*")] == ["0\n1\n2\nclosed\n"]
    assert launch(store, space(seeds=(0, 1))) == ""
    assert [run.info.run_name for run in runs(store)[1]][2:4] == ["depth=5", "baseline · seed 1"]
    assert len(runs(store)[1]) == 6
