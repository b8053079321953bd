"""What cannot be written in the encoding of a stream is replaced."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from study.cli.exit_status import BAD_INPUT, DONE
from study.streams import leave_closed_terminal, replace_unwritable, sturdy_streams
from tests.conftest import ROOT
from tests.ledger.launches import run
from tests.trial_functions import space


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_stream_of_any_encoding_takes_any_text(encoding: str, errors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, buffer in written.items():
        monkeypatch.setattr(sys, name, io.TextIOWrapper(buffer, encoding=encoding, errors=errors))
    replace_unwritable()
    for stream in (sys.stdout, sys.stderr):
        print("4 → 16, −0.5 … 2 漢\udce9", file=stream, flush=True)
    for buffer in written.values():
        assert buffer.getvalue().decode(encoding) in (
            "4 -> 16, -0.5 ... 2 ??\n",
            "4 -> 16, -0.5 … 2 ??\n",
            "4 → 16, −0.5 … 2 漢?\n",
        )


def test_another_way_that_the_user_chose_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    replace_unwritable()
    assert stream.errors == "backslashreplace"


def test_a_stream_that_is_no_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    replace_unwritable()
    print("→")
    assert stream.getvalue() == "→\n"


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_write_that_fails_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Full()
    monkeypatch.setattr(sys, "stdout", full)
    with sturdy_streams() as output:
        print("one", flush=True)
        print("two", flush=True)
        assert not sys.stdout.isatty()
    assert sys.stdout is full
    assert output.problem is not None
    assert output.problem.errno == 28


def test_a_terminal_that_is_there_is_not_left(capfd: pytest.CaptureFixture[str]) -> None:
    leave_closed_terminal()
    os.write(1, b"still here")
    assert capfd.readouterr().out == "still here"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store")
    for number in range(3):
        run(store, space(name=f"played_{number}", seeds=tuple(range(3))))
    return store


@pytest.mark.parametrize(
    ("shell", "status"),
    [
        ("status played_0 --cells | head -1", DONE),
        ("list >&-", DONE),
        ("list 2>&-", DONE),
        ("list <&- >&- 2>&-", DONE),
        ("list > /dev/full", BAD_INPUT),
        ("status played_0 --json > /dev/full", BAD_INPUT),
        ("list > /dev/full 2>&1", BAD_INPUT),
        ("status nothing 2> /dev/full", BAD_INPUT),
        ("--help > /dev/full", DONE),
    ],
)
def test_no_stream_makes_a_traceback_or_a_wrong_exit_status(store: Path, shell: str, status: int) -> None:
    command = f"set -o pipefail; {sys.executable} -m study --store {store} {shell}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
