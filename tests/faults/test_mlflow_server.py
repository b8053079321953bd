"""An MLflow server that dies repeatedly in the middle of its requests."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.tracking.connection import connect
from tests.conftest import ROOT
from tests.faults.ballistics import space
from tests.faults.site import Site
from tests.faults.test_power_cuts import launch
from tests.toy_task import DEPTH, POOLING

SPACE = space(DEPTH, POOLING, seeds=(0, 1, 2, 3))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(port: int, database: Path, *, lives: int) -> Iterator[None]:
    """Run a server that is killed this often before it stays up."""
    module = ["-W", "ignore", "-m", "tests.faults.server", str(port), str(database), "--lives", str(lives)]
    with subprocess.Popen(
        [sys.executable, *module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            os.killpg(server.pid, 9)


@pytest.mark.slow
def test_a_server_that_dies_and_comes_back_has_every_trial_once_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(tmp_path / "empty")
    database, port = tmp_path / "empty" / "mlflow.db", free_port()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0.2")
    site = Site(tmp_path, SPACE)
    with serving(port, database, lives=8):
        complaints = []
        while said := site.run("--mlflow", "--workers", "2"):
            complaints.append(said)
            assert len(complaints) < 40, said
        site.check()
        site.check_log()
    assert complaints
    assert all(said.startswith("MLflow (http") for said in complaints)


def test_what_a_server_did_twice_for_it_died_before_it_answered_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    create = MlflowClient.create_run

    def twice(*arguments: Any, **words: Any) -> Any:
        create(*arguments, **words)
        return create(*arguments, **words)

    site = Site(tmp_path, space(POOLING))
    monkeypatch.setattr(MlflowClient, "create_run", twice)
    for seeds in ((0,), (0, 1)):
        site.space = replace(site.space, seeds=seeds)
        launch(site, monkeypatch, mlflow=True)
        site.check_log()
