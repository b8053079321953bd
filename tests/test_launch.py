"""A study is run in its store: its cells, their log, and what is said at the end."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from study import launch
from study.errors import StoppedError
from study.launch import launched, report
from study.running import session
from study.running.replay import Attended
from study.running.session import Options
from study.tracking.tracker import MlflowTracker
from tests.trial_functions import Inline, Outcome, fail, space, succeed


class Log:
    """A tracker that keeps what it was asked to log."""

    problem, note = "", ""

    def __init__(self, *_: object, alone: bool, file: Path | None) -> None:
        self.alone = alone

    def log(self, *_: object) -> None: ...
    def started(self, *_: object) -> None: ...
    def received(self, *_: object) -> None: ...
    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _no_worker_and_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "MlflowTracker", Log)
    outcomes(monkeypatch, succeed)


def outcomes(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    monkeypatch.setattr(session, "_engine", lambda ledger, options: Inline(outcome))


def run(store: Path, said: list[str], **how: Any) -> str:
    with launched(space(max_retries=0), store, Options(), Console(quiet=True), **how) as done:
        return report(done, store, Console(quiet=True), say=said.append, warn=said.append)


def test_a_finished_study_logs_the_model_of_its_best_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "log_best_model", lambda ledger, store, *, say, warn, attended: "models:/played/1")
    said: list[str] = []
    assert run(tmp_path, said) == ""
    assert said == ["the best point's model is models:/played/1"]


def test_cells_that_failed_for_good_are_told_and_run_again_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "log_best_model", lambda ledger, store, *, say, warn, attended: None)
    outcomes(monkeypatch, lambda config: fail(config) if config.seed else succeed(config))
    said: list[str] = []
    run(tmp_path, said)
    assert said[0].startswith("3 of 6 cells failed for good: the column `reason` of `table` says why,")
    outcomes(monkeypatch, succeed)
    run(tmp_path, said)
    assert len(said) == 4
    run(tmp_path, said, retry_failed=True)
    assert len(said) == 4


def test_a_stopped_study_logs_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(config: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return succeed(config)

    monkeypatch.setattr(launch, "log_best_model", pytest.fail)
    outcomes(monkeypatch, stop)
    said: list[str] = []
    end = run(tmp_path, said)
    assert end == "stopped: 0 of 6 cells are there and nothing is lost; the same call goes on"
    assert said == [end]


def test_a_log_that_failed_is_told_and_takes_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "log_best_model", pytest.fail)
    monkeypatch.setattr(Log, "problem", "MLflow failed")
    said: list[str] = []
    run(tmp_path, said)
    assert said == ["MLflow failed\nNothing is lost: it is logged at the next run."]


def test_the_real_log_takes_the_same_arguments() -> None:
    assert {"alone", "file"} <= (MlflowTracker.__init__.__kwdefaults__ or {}).keys()


def test_a_model_that_must_be_made_again_obeys_the_time_limit_and_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(ledger: Any, store: Path, *, attended: Attended, **how: Any) -> str:
        if attended.stopping():
            raise StoppedError("stopped: baseline, seed 0 was being run again")
        return "models:/played/1"

    monkeypatch.setattr(launch, "log_best_model", again)
    said: list[str] = []
    with launched(space(), tmp_path, Options(), Console(quiet=True)) as done:
        late = replace(done, session=replace(done.session, hours_left=-1.0))
        end = report(late, tmp_path, Console(quiet=True), say=said.append, warn=pytest.fail)
        assert end == (
            "stopped: baseline, seed 0 was being run again, to make the weights of the best point's model, which this "
            "store lacks; the same command goes on"
        )
        assert said == [end]
        assert report(done, tmp_path, Console(quiet=True), say=said.append, warn=pytest.fail) == ""
        assert said[-1] == "the best point's model is models:/played/1"

        def interrupted(*given: Any, **how: Any) -> str:
            signal.raise_signal(signal.SIGINT)
            return again(*given, **how)

        monkeypatch.setattr(launch, "log_best_model", interrupted)
        with pytest.raises(StoppedError) as stopped:
            report(done, tmp_path, Console(quiet=True), say=said.append, warn=pytest.fail)
    assert stopped.value.signal == signal.SIGINT
