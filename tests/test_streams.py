"""What cannot be written in the encoding of a stream is replaced."""

import io
import sys

import pytest

from study.streams import replace_unwritable


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
