"""`study ui`."""

import os
import sys
from pathlib import Path

import pytest

from study import cli


def test_the_process_becomes_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: started.append(arguments))
    (tmp_path / "mlflow.db").touch()
    cli.main(["ui", "--port", "5001", "--store", str(tmp_path)])
    ((program, command, environment),) = started
    assert program == sys.executable == command[0]
    assert command[1:4] == ["-m", "mlflow", "ui"]
    assert command[command.index("--port") + 1] == "5001"
    assert environment.items() >= {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}.items()
    assert capsys.readouterr().out.startswith("http://127.0.0.1:5001/#/experiments")


def test_a_store_without_a_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "execve", pytest.fail)
    assert cli.main(["ui", "--store", str(tmp_path)]) == 2
    assert "nothing was logged yet" in capsys.readouterr().err


def test_the_pages_of_a_server_are_at_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "execve", pytest.fail)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert cli.main(["ui", "--port", "5999", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:5000 ")
