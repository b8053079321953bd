"""The report at a study's end: once for each state of its results, and its failure is one warning."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from study import launch
from study.ledger.ledger import Ledger
from study.report import end_report
from study.report.end_report import write_at_end
from study.tracking.connection import database
from tests.ledger.test_tables import store_of
from tests.test_launch import Log, run
from tests.toy_task import DEPTH, NORM
from tests.trial_functions import space


class Runs:
    """Takes the place of the process that draws, and counts its calls."""

    def __init__(self, status: int = 0, stderr: str = "") -> None:
        self.calls: list[tuple[str, Path]] = []
        self.status, self.stderr = status, stderr

    def __call__(self, study: str, store: Path) -> "subprocess.CompletedProcess[str]":
        self.calls.append((study, store))
        return subprocess.CompletedProcess([], self.status, "/store/report.html\n", self.stderr)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.delenv(end_report.SWITCH)
    made = Runs()
    monkeypatch.setattr(end_report, "_run", made)
    return made


def end(store: Path, said: list[str]) -> None:
    write_at_end(Ledger.read(store, "played"), store, say=said.append, warn=said.append)


def test_it_is_written_once_for_each_state_of_the_results(tmp_path: Path, runs: Runs) -> None:
    store_of(tmp_path, space(DEPTH))
    said: list[str] = []
    end(tmp_path, said)
    end(tmp_path, said)
    assert runs.calls == [("played", tmp_path)]
    assert said == ["the report is /store/report.html"]
    store_of(tmp_path, space(DEPTH, seeds=(0, 1, 2)))
    end(tmp_path, said)
    assert len(runs.calls) == 2
    database(tmp_path).touch()  # A log that knows nothing of the report.
    end(tmp_path, said)
    assert len(runs.calls) == 3


def test_a_failure_is_one_warning_and_the_next_run_tries_again(tmp_path: Path, runs: Runs) -> None:
    store_of(tmp_path, space(DEPTH))
    runs.status, runs.stderr = 2, "a warning of some library\nMLflow is down\n"
    said: list[str] = []
    end(tmp_path, said)
    end(tmp_path, said)
    line = "the report is not written: MLflow is down; `study report played --log` writes it"
    assert said == [line, line]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("no more processes")], ids=["Ctrl-C", "no process"])
def test_a_stop_while_it_is_drawn_is_a_warning(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Sequence[object]) -> None:
        raise error

    store_of(tmp_path, space(DEPTH))
    monkeypatch.delenv(end_report.SWITCH)
    monkeypatch.setattr(end_report, "_run", fail)
    said: list[str] = []
    end(tmp_path, said)
    assert len(said) == 1
    assert said[0].startswith("the report is not written: ")


def test_a_variable_turns_it_off(tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    store_of(tmp_path, space(DEPTH))
    monkeypatch.setenv(end_report.SWITCH, end_report.NEVER)
    end(tmp_path, [])
    assert runs.calls == []


@pytest.mark.parametrize("problem", ["", "MLflow failed"])
def test_a_launch_writes_it_only_if_mlflow_takes_it(
    problem: str, tmp_path: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.test_launch import outcomes
    from tests.trial_functions import succeed

    outcomes(monkeypatch, succeed)
    monkeypatch.setattr(launch, "MlflowTracker", Log)
    monkeypatch.setattr(Log, "problem", problem)
    monkeypatch.setattr(launch, "log_best_model", lambda *_, **how: None)
    said: list[str] = []
    run(tmp_path, said)
    assert len(runs.calls) == (not problem)


@pytest.mark.slow
def test_a_real_report_is_drawn_by_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_of(tmp_path, space(DEPTH, NORM))
    monkeypatch.delenv(end_report.SWITCH)
    said: list[str] = []
    end(tmp_path, said)
    folder = tmp_path / "studies" / "played"
    assert said == [f"the report is {folder / 'report.html'}"]
    assert (folder / "cells.csv").read_text(encoding="utf-8").startswith("study,")
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".svg"}
