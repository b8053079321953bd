"""Standard output and error, as commands use them."""

import io
import sys


def replace_unwritable() -> None:
    """Let both streams write `?` for a character that their encoding lacks. Else the print of a table would fail.

    A terminal or a log may expect Latin-1 or ASCII, and the name of a file may hold bytes that are no text.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")
