"""Standard output and error, as commands use them."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

_PLAIN = {
    "\N{MINUS SIGN}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{MULTIPLICATION SIGN}": "x",
}
"""What is written for a character that an encoding lacks. A number must not lose its sign."""


def replace_unwritable() -> None:
    """Let both streams write `-` for a minus sign, and `?` for most characters, if their encoding lacks them.

    Else the print of a table would fail.

    A terminal or a log may expect Latin-1 or ASCII, and the name of a file may hold bytes that are no text.
    """
    codecs.register_error("study.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="study.plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Returns what is written in the place of characters that cannot be encoded, and where the text goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def open_closed_streams() -> None:
    """Let a standard stream that was closed, as by `>&-`, lead nowhere. Else the next opened file becomes it."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  It stays open until the end.
            setattr(sys, name, nowhere)


class SturdyStream:
    """A stream whose writes never fail. Once one has failed, everything leads nowhere."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.problem: OSError | None = None
        """Why something was not written; None if everything was."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, if the stream still takes any. Returns its length."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._leave(error)
        return len(text)

    def flush(self) -> None:
        """Write what is left, if the stream still takes any."""
        try:
            self._stream.flush()
        except OSError as error:
            self._leave(error)

    def _leave(self, error: OSError) -> None:
        self.problem = self.problem or error
        with suppress(OSError, ValueError):  # A stream of a test has no file.
            _lead_nowhere(self._stream.fileno())


@contextmanager
def sturdy_streams() -> Iterator[SturdyStream]:
    """Let no write to standard output or error end a command, for example if `head` has read enough. Yields the first.

    A run must not end because its terminal was closed or a disk for its output is full.
    """
    before = sys.stdout, sys.stderr
    output, errors = SturdyStream(sys.stdout), SturdyStream(sys.stderr)
    sys.stdout, sys.stderr = cast(TextIO, output), cast(TextIO, errors)
    try:
        yield output
    finally:
        output.flush()
        errors.flush()
        sys.stdout, sys.stderr = before


def leave_closed_terminal() -> None:
    """Let standard output and error lead nowhere if their terminal was closed, because each write would then fail."""
    for number in (1, 2):
        try:
            os.write(number, b"")
        except OSError:
            _lead_nowhere(number)


def _lead_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
