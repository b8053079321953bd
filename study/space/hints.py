"""How a message shows values, and which word a mistyped one was meant to be."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from study.task import describe

MOST_SHOWN = 10
"""How many things of a kind a message lists before it says only how many more there are."""
_MOST_LETTERS = 60


def did_you_mean(word: Any, known: Iterable[Any]) -> str:
    """The known word that was probably meant, as the end of a message; empty if none is near."""
    words = [item for item in known if isinstance(item, str)]
    near = difflib.get_close_matches(word, words, n=1) if isinstance(word, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


def hint(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or all known words if none is near, as the end of a message."""
    known = sorted(known)
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"


def short(value: Any) -> str:
    """A value about as it stands in the file, cut off if it is long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        text = _short_list(value)
    elif isinstance(value, bool):
        text = describe(value)
    else:
        text = repr(value) if isinstance(value, int | float | str) else str(value)
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."


def _short_list(values: Sequence[Any]) -> str:
    # Not deeper than one list in another, because a file may nest them without end. And no more items than fill a text.
    items = ["[…]" if isinstance(item, list) else short(item) for item in values[:_MOST_LETTERS]]
    return f"[{', '.join(items)}]"


def some(items: Sequence[str]) -> str:
    """The first few items, and how many more there are."""
    more = f" and {len(items) - MOST_SHOWN:,} more" if len(items) > MOST_SHOWN else ""
    return ", ".join(items[:MOST_SHOWN]) + more


def one_line(text: str) -> str:
    """A text on one line, without characters that would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
