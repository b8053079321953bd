"""Standard output and error, as commands use them."""

import codecs
import io
import sys

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
