"""The MLflow log: whole, once, later where not now, and never in the way."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.records import record_file as exchange
from study.records.import_records import import_records
from study.records.record_file import Header, Record
from study.running.loop import run
from study.space import points as design
from study.space.design import Confirm, Design
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult
from study.tracking import tracker as tracking
from study.tracking.tracker import MlflowTracker, log_figure
from tests.conftest import ROOT
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import DATA, Inline, Outcome, curve, diverge, fail, space, succeed

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


WIDE = space(DEPTH, POOLING, description="How deep?")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose database is made and empty: making one takes seconds."""
    store = tmp_path_factory.mktemp("empty")
    tracking.connect(store)
    return store


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Path]:
    """A store with a database of its own."""
    shutil.copy(empty / "mlflow.db", tmp_path)
    yield tmp_path
    assert not [thread for thread in threading.enumerate() if thread.name == "mlflow"]


@pytest.fixture(scope="module")
def logged(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which one study was run and logged, to be looked at."""
    store = tmp_path_factory.mktemp("logged")
    shutil.copy(empty / "mlflow.db", store)
    assert launch(store, WIDE) == ""
    return store


class Unseen:
    """A watch that looks away."""

    def started(self, claim: Any) -> None: ...
    def saw(self, claim: Any, message: Any) -> None: ...


def launch(store: Path, space: SearchSpace, outcome: Outcome = succeed, *, tracker: bool = True) -> str:
    """Run a study as the command does; what went wrong with the log."""

    class Blind:
        def log(self, claim: Any, result: TrialResult) -> None: ...

    with Ledger.own(store, space) as ledger:
        log = MlflowTracker(ledger, store) if tracker else None
        run(ledger, Inline(outcome), log or Blind(), Unseen())
        if log is None:
            return ""
        log.close()
        return log.problem


def mlflow(store: Path) -> "MlflowClient":
    return tracking.connect(store)


def runs(store: Path, name: str = "played") -> tuple["Run", list["Run"]]:
    """The parent run of a study, and its children, the first trial first."""
    client = mlflow(store)
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id], max_results=1000)
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    (parent,) = (run for run in found if "mlflow.parentRunId" not in run.data.tags)
    assert {run.data.tags["mlflow.parentRunId"] for run in children} <= {parent.info.run_id}
    assert "RUNNING" not in {run.info.status for run in found}
    return parent, sorted(children, key=lambda run: int(run.data.tags["study.trial"]))


def histories(store: Path, run: "Run", metric: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in mlflow(store).get_metric_history(run.info.run_id, metric)]


def test_a_parent_run_a_study_and_a_child_a_cell(logged: Path) -> None:
    parent, children = runs(logged)
    assert parent.info.run_name == "played"
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics == {"cells_complete": 10}
    assert json.loads(parent.data.tags["study.definition"]) == WIDE.to_json()
    note = parent.data.tags["mlflow.note.content"]
    assert note.startswith("How deep?\n")
    assert "| depth | 3 | 1, 3, 5 |" in note
    cells = Ledger.read(logged, "played").cells()
    assert [run.data.tags["key"] for run in children] == [cell.config.key for cell in cells]
    assert [run.info.run_name for run in children] == [cell.point for cell in cells]
    assert children[1].info.run_name == "depth=1"
    assert {run.info.status for run in children} == {"FINISHED"}


def test_what_varied_is_a_param_and_the_rest_a_tag(logged: Path) -> None:
    _, children = runs(logged)
    assert children[0].data.params == {"depth": "3", "pooling": "max"}
    assert children[1].data.params == {"depth": "1", "pooling": "max"}
    tags = children[6].data.tags
    assert {"point": "depth=1", "state": "complete", "setting.seed": "1", "setting.width": "16"}.items() <= tags.items()
    assert {"setting.mask": "library", "setting.norm": "true", "setting.epochs": "3"}.items() <= tags.items()
    assert {"environment.backend": "none", "data.fingerprint": "f" * 64}.items() <= tags.items()
    assert tags["vary"] == "weights, order"
    assert len(tags["mlflow.source.git.commit"]) == 40
    assert {"mlflow.user", "mlflow.source.name"} <= tags.keys()
    assert "reason" not in tags


def test_the_data_set_is_there_with_its_fingerprint(logged: Path) -> None:
    inputs = runs(logged)[1][0].inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest) == ("toy-0123", "f" * 36)
    assert json.loads(given.dataset.profile or "")["sha256"] == DATA["fingerprint"]


def test_a_second_run_logs_nothing_and_does_not_ask_mlflow(logged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [run.info.run_id for run in runs(logged)[1]]
    with monkeypatch.context() as patch:
        patch.setattr(tracking, "connect", lambda store: pytest.fail("MLflow was asked"))
        assert launch(logged, WIDE) == ""
    assert [run.info.run_id for run in runs(logged)[1]] == before


def test_every_epoch_of_every_metric_is_there_and_the_last_and_best_on_their_own(store: Path) -> None:
    falling = ({"loss": 1.0, "val_acc": 0.2}, {"loss": 0.5, "val_acc": 0.9}, {"loss": 0.3, "val_acc": 0.7})
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=falling))
    run = runs(store)[1][0]
    assert histories(store, run, "val_acc") == [(1, 0.2), (2, 0.9), (3, 0.7)]
    assert histories(store, run, "loss") == [(1, 1.0), (2, 0.5), (3, 0.3)]
    assert run.data.metrics == {
        "loss": 0.3, "val_acc": 0.7, "final_loss": 0.3, "final_val_acc": 0.7, "best_val_acc": 0.9,
        "parameters": 10, "flops": 20, "seconds": 0.5,
    }  # fmt: skip
    points = mlflow(store).get_metric_history(run.info.run_id, "loss")
    assert run.info.start_time <= points[0].timestamp < points[1].timestamp < points[2].timestamp
    assert points[2].timestamp - run.info.start_time == 500


def test_a_curve_longer_than_a_batch_of_mlflow_is_whole(store: Path) -> None:
    long = tuple({f"metric {place}": float(epoch) for place in range(11)} | {"val_acc": 0.5} for epoch in range(100))
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=long))
    run = runs(store)[1][0]
    assert histories(store, run, "metric 3") == [(epoch, float(epoch - 1)) for epoch in range(1, 101)]


def test_numbers_that_are_none_are_logged_as_such(store: Path) -> None:
    launch(store, space(seeds=(0,)), diverge)
    run = runs(store)[1][0]
    assert run.info.status == "FINISHED"
    assert run.data.tags["state"] == "diverged"
    assert run.data.tags["reason"] == "the loss is not a number after epoch 2"
    (_, first), (_, second) = histories(store, run, "loss")
    assert first == 1.0
    assert math.isnan(second)
    assert math.isnan(run.data.metrics["final_loss"])
    height = curve(space().config({}, seed=0))[1]["val_acc"]
    assert run.data.metrics["best_val_acc"] == height


def test_a_failed_trial_says_why_and_so_does_its_retry(store: Path) -> None:
    launch(store, space(seeds=(0,), max_retries=1), fail)
    parent, children = runs(store)
    assert Counter(run.data.tags["key"] for run in children).most_common()[0][1] == 2
    assert {run.info.status for run in children} == {"FAILED"}
    assert {run.data.tags["reason"] for run in children} == {"ValueError: no luck"}
    assert parent.data.metrics == {"cells_failed": 3}
    assert parent.info.status == "FINISHED"


def test_a_name_that_mlflow_would_refuse_is_changed(store: Path) -> None:
    odd = ({"top@5 (val)": 0.5, "val_acc": 0.1, "a/b": 1.0},)
    assert launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=odd)) == ""
    assert {"top_5 _val_", "a_b"} <= runs(store)[1][0].data.metrics.keys()


def test_what_was_missed_is_logged_at_the_next_start(store: Path) -> None:
    launch(store, space(seeds=(0,)), tracker=False)
    assert launch(store, space(seeds=(0, 1))) == ""
    parent, children = runs(store)
    assert len(children) == 6
    assert histories(store, children[0], "val_acc") == [
        (epoch, metrics["val_acc"]) for epoch, metrics in enumerate(curve(space().config({}, seed=0)), start=1)
    ]
    assert parent.data.metrics == {"cells_complete": 6}
    assert "2 seed(s)" in parent.data.tags["mlflow.note.content"]


def forget(store: Path, *, keep: int) -> None:
    """Have the launcher die when so many lines of its list were written, and half of another."""
    (path,) = study_folder(store, "played").glob("logged-*")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:keep]) + lines[keep][:-1])


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
    mlflow(store).update_run(parent.info.run_id, status="RUNNING")
    mlflow(store).update_run(children[4].info.run_id, status="RUNNING")
    forget(store, keep=4)
    assert launch(store, space()) == ""
    _, again = runs(store)
    assert len(again) == 6
    assert [old.info.run_id == new.info.run_id for old, new in zip(children, again, strict=True)].count(False) == 1


def test_a_parent_that_was_left_running_is_ended(store: Path) -> None:
    launch(store, space())
    forget(store, keep=6)
    parent, _ = runs(store)
    mlflow(store).update_run(parent.info.run_id, status="RUNNING")
    assert launch(store, space()) == ""
    assert runs(store)[0].info.status == "FINISHED"


def test_a_new_place_to_log_in_gets_everything(store: Path, empty: Path, tmp_path: Path) -> None:
    launch(store, space(seeds=(0,)))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    shutil.copy(empty / "mlflow.db", tmp_path / "other.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", other)
        assert launch(store, space(seeds=(0,))) == ""
        assert len(runs(store)[1]) == 3
    assert len(runs(store)[1]) == 3


def test_a_database_that_was_removed_gets_everything_again(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    ledger = Ledger.read(store, "played")
    assert tracking._List(ledger, store).trials == {0, 1, 2}
    (store / "mlflow.db").unlink()
    assert tracking._List(ledger, store).trials == set()


def test_a_study_that_stopped_early_says_so(store: Path) -> None:
    with Ledger.own(store, space()) as ledger:
        log = MlflowTracker(ledger, store)
        claim = ledger.next()
        assert claim is not None
        log.log(claim, ledger.record(claim.trial, succeed(claim.config)))
        log.close()
    parent, children = runs(store)
    assert parent.info.status == "KILLED"
    assert parent.data.metrics == {"cells_complete": 1, "cells_missing": 5}
    assert len(children) == 1
    assert launch(store, space()) == ""
    assert runs(store)[0].info.status == "FINISHED"


def test_the_phases_of_a_sweep_are_told_apart(store: Path) -> None:
    how = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
    launch(store, space(DEPTH, POOLING, design=how, seeds=(0,)))
    children = runs(store)[1]
    assert Counter(run.data.tags["phase"] for run in children) == {"search": 5, "confirm": 4}
    assert any("the sampler, which repeated itself" in run.data.tags.get("drawn", "") for run in children)


def test_a_study_that_was_removed_and_begun_anew_has_runs_of_its_own(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    old = mlflow(store).get_run(runs(store)[1][0].data.tags["mlflow.parentRunId"])
    shutil.rmtree(study_folder(store, "played"))
    assert launch(store, space(seeds=(5, 6))) == ""
    mlflow(store).delete_run(old.info.run_id)
    experiment = old.info.experiment_id
    found = mlflow(store).search_runs([experiment], "tags.`mlflow.parentRunId` != ''")
    assert sorted(run.data.tags["setting.seed"] for run in found) == sorted("000555666")


def test_an_experiment_that_was_deleted_comes_back(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    mlflow(store).delete_experiment(runs(store)[0].info.experiment_id)
    assert launch(store, space(seeds=(0, 1))) == ""
    assert len(runs(store)[1]) == 6


def test_a_figure_is_kept_with_the_parent(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    figure = store / "depth.png"
    figure.write_bytes(b"picture")
    for _ in range(2):
        log_figure(store, "played", figure)
    log_figure(store, "another", figure)
    log_figure(store / "elsewhere", "played", figure)
    assert not (store / "elsewhere").exists()
    parent, _ = runs(store)
    assert [item.path for item in mlflow(store).list_artifacts(parent.info.run_id, "figures")] == ["figures/depth.png"]
    assert [path.read_bytes() for path in (store / "artifacts" / "played").rglob("depth.png")] == [b"picture"]


# When MLflow does not do as it should


def broken_file(store: Path, patch: pytest.MonkeyPatch) -> None:
    (store / "mlflow.db").write_text("no database at all " * 100)


def broken_folder(store: Path, patch: pytest.MonkeyPatch) -> None:
    (store / "mlflow.db").unlink()
    (store / "mlflow.db").mkdir()


def broken_server(store: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.mark.parametrize("breaks", [broken_file, broken_folder, broken_server])
def test_a_broken_log_stops_nothing_and_is_said(
    store: Path, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[Path, pytest.MonkeyPatch], None], empty: Path
) -> None:
    breaks(store, monkeypatch)
    begin = time.monotonic()
    assert launch(store, space()).startswith("MLflow (")
    assert time.monotonic() - begin < 20
    assert +Ledger.read(store, "played").counts() == {"complete": 6}


def refusing(*numbers: int) -> Callable[..., None]:
    """A method that logs a trial, for all trials but these."""
    log = tracking._StudyLog.trial

    def trial(self: Any, claim: Any, result: TrialResult) -> None:
        if claim.trial in numbers:
            raise RuntimeError(f"trial {claim.trial} is not to my liking")
        log(self, claim, result)

    return trial


def test_a_trial_that_mlflow_refuses_keeps_no_other_out(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking._StudyLog, "trial", refusing(1, 3))
    assert "RuntimeError: trial 3 is not to my liking" in launch(store, space())
    assert [run.data.tags["study.trial"] for run in runs(store)[1]] == ["0", "2", "4", "5"]
    monkeypatch.undo()
    assert launch(store, space()) == ""
    assert len(runs(store)[1]) == 6


def test_a_server_that_went_away_is_not_asked_for_every_trial(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def trial(self: Any, claim: Any, result: TrialResult) -> None:
        asked.append(claim.trial)
        raise ConnectionError("gone")

    monkeypatch.setattr(tracking._StudyLog, "trial", trial)
    assert "ConnectionError: gone" in launch(store, space(DEPTH, POOLING))
    assert len(asked) == 3
    monkeypatch.undo()
    assert launch(store, space(DEPTH, POOLING)) == ""
    assert len(runs(store)[1]) == 10


def test_what_ran_elsewhere_is_logged_at_the_next_start(store: Path, tmp_path: Path) -> None:
    configs = [*design.cells(WIDE)][:4]
    exchange.write(tmp_path / "a.jsonl", Header(WIDE, 1), [Record(config, succeed(config)) for config in configs])
    import_records(tmp_path / "a.jsonl", store)
    for _ in range(2):
        assert launch(store, WIDE) == ""
        assert [run.data.tags["key"] for run in runs(store)[1]] == [config.key for config in design.cells(WIDE)]


SCRIPT = """
import os, signal, sys, threading, time
from pathlib import Path
from study import tracking
from study.ledger import Ledger
from study.runner import run
from study.tracking import MlflowTracker
from tests.test_tracking import Unseen
from tests.trial_functions import Inline, space, succeed

signal.signal(signal.SIGINT, signal.default_int_handler)  # What a shell starts in the background may not hear Ctrl-C.
{before}
store = Path({store!r})
with Ledger.own(store, {space}) as ledger:
    log = MlflowTracker(ledger, store)
    run(ledger, Inline(), log, Unseen())
    {after}
"""

CLOSE = "log.close(); print(log.problem)"
SLOW = """
kept = tracking._StudyLog.trial
def trial(self, claim, result):
    kept(self, claim, result)
    print("logged", flush=True)
    time.sleep(1000 if claim.trial else 0)
tracking._StudyLog.trial = trial
"""


def command(store: Path, space: str, *, before: str = "", after: str = CLOSE) -> subprocess.Popen[str]:
    """A launcher in a process of its own."""
    code = SCRIPT.format(store=str(store), space=space, before=before, after=after)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_the_wait_for_a_log_that_hangs(store: Path) -> None:
    with command(store, "space()", before=SLOW) as launcher:
        assert launcher.stdout is not None
        assert [launcher.stdout.readline() for _ in range(2)] == ["logged\n"] * 2
        launcher.send_signal(signal.SIGINT)
        out, err = launcher.communicate(timeout=20)
    assert (launcher.returncode, err) == (0, "")
    assert out.startswith("MLflow (sqlite:///")
    assert "not logged yet" in out
    assert launch(store, space()) == ""
    assert len(runs(store)[1]) == 6


@pytest.mark.parametrize(("after", "status", "complaint"), [("pass", 0, ""), ("raise ValueError('a bug')", 1, "a bug")])
def test_an_end_that_forgets_to_close_the_log_hangs_nobody(
    store: Path, after: str, status: int, complaint: str
) -> None:
    with command(store, "space()", before=SLOW, after=after) as launcher:
        _, err = launcher.communicate(timeout=30)
    assert launcher.returncode == status
    assert err.strip().endswith(complaint)
    assert "Fatal" not in err
    assert launch(store, space()) == ""
    assert len(runs(store)[1]) == 6


def test_a_store_may_be_begun_by_one_that_is_killed_and_two_at_once(tmp_path: Path) -> None:
    with command(tmp_path, "space(seeds=(0,))") as launcher:
        draft = tmp_path / "mlflow.db.tmp"
        while not (draft.exists() and draft.stat().st_size > 0):
            assert launcher.poll() is None
            time.sleep(0.005)
        launcher.kill()
    assert not (tmp_path / "mlflow.db").exists()
    threads = [threading.Thread(target=tracking.connect, args=(tmp_path,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not (tmp_path / "mlflow.db.tmp").exists()
    assert launch(tmp_path, space(seeds=(0,))) == ""
    assert len(runs(tmp_path)[1]) == 3
