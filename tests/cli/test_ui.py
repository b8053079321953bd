"""`study ui`: a line for each study, while a server runs whose chatter goes to a file."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from study import cli
from study.cli import ui
from study.tracking import ui_command
from tests.conftest import ROOT


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


SERVER = """
import http.server, sys
print("much chatter", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def small_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """A server that starts faster than MLflow's."""
    monkeypatch.setattr(ui, "ui_command", lambda *given, **options: (["-c", SERVER, str(port)], {}))


@pytest.mark.usefixtures("small_server")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_lines_are_printed_once_the_server_answers_and_it_ends_with_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    port: int,
    number: signal.Signals,
) -> None:
    answers: list[int] = []

    def look(server: "subprocess.Popen[bytes]") -> int:
        answers.append(urllib.request.urlopen(f"http://127.0.0.1:{port}/").status)
        signal.raise_signal(number)
        raise AssertionError("the signal must end this")

    monkeypatch.setattr(ui, "study_pages", lambda store, pages: [("new", f"{pages}/#/1"), ("older", f"{pages}/#/2")])
    monkeypatch.setattr(ui, "_serve_until_it_ends", look)
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]
    try:
        with pytest.raises(SystemExit) as end:
            cli.main(["ui", "--port", str(port), "--store", str(tmp_path)])
    finally:
        for one, handler in zip((signal.SIGTERM, signal.SIGHUP), before, strict=True):
            signal.signal(one, handler)
    assert (end.value.code, answers) == (0, [200])
    pages = f"http://127.0.0.1:{port}"
    assert capsys.readouterr().out.splitlines() == [
        f"new    {pages}/#/1", f"older  {pages}/#/2",
        f"Ctrl-C ends the server; what it prints is in {tmp_path / 'ui.log'}",
    ]  # fmt: skip
    assert (tmp_path / "ui.log").read_text().startswith("much chatter")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_server_that_does_not_start_is_told_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: int
) -> None:
    monkeypatch.setattr(
        ui, "ui_command", lambda *given, **options: (["-c", "print(1); raise SystemExit('no luck')"], {})
    )
    assert cli.main(["ui", "--port", str(port), "--store", str(tmp_path)]) == 2
    assert f"MLflow's server did not start: no luck ({tmp_path / 'ui.log'})" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mlflow.db").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["ui", "--port", str(port), "--store", str(tmp_path)]) == 2
    assert f"port {port} of 127.0.0.1 is taken" in capsys.readouterr().err
    assert not (tmp_path / "ui.log").exists()


def test_a_store_without_a_log_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ui", "--store", str(tmp_path)]) == 2
    assert "nothing was logged yet" in capsys.readouterr().err


def test_without_a_logged_study_the_list_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ui, "study_pages", lambda store, pages: [])
    ui._print_pages(tmp_path, "http://127.0.0.1:1")
    assert capsys.readouterr().out == "http://127.0.0.1:1/#/experiments?workflowType=machine_learning\n"


@pytest.mark.parametrize(
    ("address", "first"), [("http://127.0.0.1:9", "http://127.0.0.1:9/#/"), ("databricks", "databricks")]
)
def test_the_pages_of_a_server_are_at_its_address(
    address: str, first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ui, "study_pages", lambda store, pages: [("played", f"{pages}/#/1")])
    monkeypatch.setattr(ui, "_serve", pytest.fail)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert cli.main(["ui", "--port", "5999", "--store", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert first in out.splitlines()[0]
    assert f"{address}   serves the pages" in out


@pytest.mark.slow
def test_mlflow_s_own_server_is_started_and_ended(smoke: tuple[Path, str], tmp_path: Path, port: int) -> None:
    store = Path(shutil.copytree(smoke[0], tmp_path / "store"))
    command = [sys.executable, "-m", "study", "ui", "--port", str(port), "--store", str(store)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as command_:
        assert command_.stdout is not None
        line = command_.stdout.readline()
        assert line.startswith(f"smoke  http://127.0.0.1:{port}/#/experiments/")
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/health").status == 200
        command_.send_signal(signal.SIGTERM)
        assert command_.wait(60) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    assert ui_command.served_pages(host="127.0.0.1", port=port) in line
