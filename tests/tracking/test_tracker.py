"""The log never disturbs a study. A trial that could not be logged is logged at the next start."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.ledger.ledger import Ledger
from study.records import record_file
from study.records.import_records import import_records
from study.records.record_file import Header, Record
from study.running.loop import run
from study.space.points import listed_cells
from study.space.trial import TrialConfig, TrialResult
from study.tracking.mlflow_names import mlflow_name
from study.tracking.study_log import StudyLog
from study.tracking.tracker import MlflowTracker
from tests.conftest import ROOT
from tests.toy_task import DEPTH, POOLING
from tests.tracking.logged_studies import WIDE, command, launch, runs
from tests.trial_functions import Inline, space, succeed

SLOW = """
whole = StudyLog.log
def log(self, trial, result):
    whole(self, trial, result)
    print("logged", flush=True)
    time.sleep(1000 if trial.number else 0)
StudyLog.log = log
"""


def test_the_switch_interval_of_the_process_is_what_it_was(store: Path) -> None:
    before = sys.getswitchinterval()
    with Ledger.own(store, space(seeds=(0,))) as ledger:
        tracker = MlflowTracker(ledger, store)
        trial = ledger.next()
        assert trial is not None
        tracker.log(trial, ledger.record(trial.number, succeed(trial.config)))
        assert sys.getswitchinterval() < before
        tracker.close()
    assert sys.getswitchinterval() == before


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
    """Return a replacement for `StudyLog.log` that fails at these trials."""
    log = StudyLog.log

    def log_or_fail(self: Any, trial: Any, result: TrialResult) -> None:
        if trial.number in numbers:
            raise RuntimeError(f"trial {trial.number} is refused")
        log(self, trial, result)

    return log_or_fail


def test_a_trial_that_mlflow_refuses_keeps_no_other_out(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudyLog, "log", refusing(1, 3))
    assert "RuntimeError: trial 3 is refused" in launch(store, space())
    assert [run.data.tags["study.trial"] for run in runs(store)[1]] == ["0", "2", "4", "5"]
    monkeypatch.undo()
    assert launch(store, space()) == ""
    assert len(runs(store)[1]) == 6


def test_a_server_that_went_away_is_not_asked_for_every_trial(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def log_or_fail(self: Any, trial: Any, result: TrialResult) -> None:
        asked.append(trial.number)
        raise ConnectionError("gone")

    monkeypatch.setattr(StudyLog, "log", log_or_fail)
    assert "ConnectionError: gone" in launch(store, space(DEPTH, POOLING))
    assert len(asked) == 3
    monkeypatch.undo()
    assert launch(store, space(DEPTH, POOLING)) == ""
    assert len(runs(store)[1]) == 10


def test_what_ran_elsewhere_is_logged_at_the_next_start(store: Path, tmp_path: Path) -> None:
    configs = [*listed_cells(WIDE)][:4]
    record_file.write(tmp_path / "a.jsonl", Header(WIDE, 1), [Record(config, succeed(config)) for config in configs])
    import_records(tmp_path / "a.jsonl", store)
    for _ in range(2):
        assert launch(store, WIDE) == ""
        assert [run.data.tags["key"] for run in runs(store)[1]] == [config.key for config in listed_cells(WIDE)]


def test_names_that_are_too_long_for_mlflow_are_said_and_logged(store: Path) -> None:
    long = "m" * 300

    def wordy(config: TrialConfig) -> TrialResult:
        result = succeed(config)
        return replace(result, curve=tuple({**metrics, long: 1.0} for metrics in result.curve))

    with Ledger.own(store, space(seeds=(0,))) as ledger, closing(MlflowTracker(ledger, store)) as tracker:
        run(ledger, Inline(wordy), tracker, tracker)
        assert tracker.note.startswith("MLflow takes names of at most 250 characters: it shows 1 of this study's short")
    assert tracker.problem == ""
    assert all(mlflow_name(long) in logged.data.metrics for logged in runs(store)[1])
    assert len(runs(store)[1]) == 3


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_mlflow_is_quiet_before_it_is_loaded(store: Path) -> None:
    """Otherwise it would tell its makers that it is used, and set up loggers of its own."""
    before = """
import sys
from study.tracking import connection
quiet = connection.quieten
def quieten():
    print("quiet", "before" if "mlflow" not in sys.modules else "after", flush=True)
    quiet()
connection.quieten = tracker.quieten = quieten
"""
    after = f"""
from pathlib import Path
from tests.tracking.logged_studies import launch
from tests.trial_functions import space
launch(Path({str(store)!r}), space(seeds=(0,)))
"""
    code = f"from study.tracking import tracker{before}{after}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "quiet before"
    assert done.stderr == ""
