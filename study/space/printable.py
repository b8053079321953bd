"""Makes texts of users and libraries safe for every file, table and terminal."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_ESCAPE_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
"""What colours a terminal's text, moves its cursor or sets its title."""
_SUSPICIOUS = re.compile(r"[^\n\t -~]")
_HARMFUL = ("Cc", "Cs", "Zl", "Zp")
"""The categories of control characters, of surrogates (no encoding has them), and of Unicode's own line ends."""
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, so that a text shows another one than it is."""
_CUT = "\n[… the middle is left out …]\n"


def printable(text: str) -> str:
    """Returns a text that JSON, CSV and a terminal take. Line feeds and tabs stay, and escape codes are removed.

    Any other character that cannot be printed is written as in a Python text. A file name that is not UTF-8 has such
    characters.
    """
    if not _SUSPICIOUS.search(text):
        return text
    return "".join(map(_safe, _ESCAPE_CODES.sub("", text.replace("\r\n", "\n"))))


def printable_line(text: str, *, most: int) -> str:
    """Returns a text as one printable line. If it has more than `most` characters, its end is cut off."""
    line = " ".join(printable(text[: 8 * most]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def printable_part(text: str, *, most: int) -> str:
    """Returns a printable text. If it has more than `most` characters, its middle is cut out."""
    if len(text) <= most and len(whole := printable(text)) <= most:
        return whole
    half = (most - len(_CUT)) // 2
    return printable(text[:half])[:half] + _CUT + printable(text[-half:])[-half:]


def printable_cell(text: str) -> str:
    """Returns a text as it stands in a table in Markdown: on one printable line, with each `|` escaped."""
    return " ".join(printable(text).split("\n")).replace("|", "\\|")


def printable_texts(value: Any) -> Any:
    """Returns a value whose texts are printable, also those inside its tables and lists."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {printable_texts(name): printable_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [printable_texts(item) for item in value]
    return value


def _safe(letter: str) -> str:
    if letter in "\n\t" or (letter not in _TURNING and unicodedata.category(letter) not in _HARMFUL):
        return letter
    return letter.encode("unicode_escape").decode("ascii")
