"""Ctrl-C and the time limit end a run of the command `study`, and lose nothing."""

import io
import json
import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from study.running.stopping import stop_requests
from tests.conftest import ROOT, SMOKE, export_smoke, study


def start_run(store: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "study", "run", SMOKE, "--store", str(store), "--workers", "1", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


@pytest.mark.slow
def test_ctrl_c_ends_a_run_with_its_epoch_and_loses_nothing(smoke: tuple[Path, str], tmp_path: Path) -> None:
    process = start_run(tmp_path)
    assert process.stdout is not None
    while "[1/8]" not in (line := process.stdout.readline()):
        assert line, "the run ended before its first cell"
    process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "stopping when each trial's epoch is over" in out
    assert "of 8 cells are there and nothing is lost" in out
    status = json.loads(study("status", "smoke", "--json", "--store", str(tmp_path)))
    assert (status["running"], status["complete"] + status["missing"]) == (0, 8)
    assert 1 <= status["complete"] <= 2
    assert "running" in study("run", SMOKE, "--store", str(tmp_path))
    ours, theirs = (pd.read_csv(export_smoke(store, "end.csv")) for store in (tmp_path, smoke[0]))
    numbers = [str(name) for name in ours if str(name).startswith("metric.")]
    assert ours[["key", *numbers]].equals(theirs[["key", *numbers]])


@pytest.mark.slow
def test_max_hours_ends_a_run_cleanly(tmp_path: Path) -> None:
    out = study("run", SMOKE, "--store", str(tmp_path), "--max-hours", "0.0001", status=130)
    assert "0 of 8 cells are there and nothing is lost" in out


def test_the_first_signal_asks_the_second_one_ends_and_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    output = io.StringIO()
    with pytest.raises(KeyboardInterrupt), stop_requests(math.inf, Console(file=output)) as stopping:
        assert not stopping()
        signal.raise_signal(signal.SIGTERM)
        assert (stopping(), stopping.signal) == (True, signal.SIGTERM)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):  # A scheduler sends some of them, and twice.
            signal.raise_signal(number)
        signal.raise_signal(signal.SIGINT)
    assert stopping.signal == signal.SIGTERM
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert output.getvalue().count("stopping when each trial's epoch is over") == 1


def test_a_ctrl_c_that_comes_twice_at_once_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with stop_requests(math.inf, Console(quiet=True)) as stopping:
        for _ in range(3):
            stopping.receive(signal.SIGINT)
        monkeypatch.setattr(stopping, "_since", stopping._since - 1)
        with pytest.raises(KeyboardInterrupt):
            stopping.receive(signal.SIGINT)


def test_what_nohup_ignores_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_requests(math.inf, Console(quiet=True)) as stopping:
            signal.raise_signal(signal.SIGHUP)
            assert not stopping()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_end_of_a_job_is_the_end_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_END_TIME", "1")
    with stop_requests(math.inf, Console(quiet=True)) as stopping:
        assert (stopping(), stopping.signal) == (True, None)


def test_another_thread_has_no_signals_but_the_time() -> None:
    answers: list[object] = []

    def ask() -> None:
        with stop_requests(0.0, Console(quiet=True)) as stopping:
            answers.extend([stopping(), stopping.signal, signal.getsignal(signal.SIGINT)])

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert answers == [True, None, signal.getsignal(signal.SIGINT)]
