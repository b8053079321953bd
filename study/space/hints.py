"""Parts of messages: how a value is shown, and which word the user probably meant."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from study.task import describe

MOST_SHOWN = 10
"""How many items a message lists. Of the rest it gives only the number."""
_MOST_LETTERS = 60


def did_you_mean(word: Any, known: Iterable[Any]) -> str:
    """Returns the end of a message, with the known word that was probably meant; empty if no word is similar."""
    # Keras names a metric AUC, and users write auc.
    words = {item.lower(): item for item in known if isinstance(item, str)}
    near = difflib.get_close_matches(word.lower(), words, n=1) if isinstance(word, str) else []
    return f"; did you mean {words[near[0]]!r}?" if near else ""


def hint(word: str, known: Iterable[str]) -> str:
    """Returns the end of a message, with the word that was probably meant, or all known words if none is similar."""
    known = sorted(known)
    return did_you_mean(word, known) or f"; known are {', '.join(known)}"


def short(value: Any) -> str:
    """Returns a value almost as the file has it, cut off if it is long."""
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
    # A list inside a list is not shown, because a file may nest lists without end. Items that would be cut off are left
    # out, because a file may have very many.
    items = ["[…]" if isinstance(item, list) else short(item) for item in values[:_MOST_LETTERS]]
    return f"[{', '.join(items)}]"


def some(items: Sequence[str], *, most: int = MOST_SHOWN, separator: str = ", ") -> str:
    """Returns the first items as a text, and how many more there are. A single one more is named, too."""
    if len(items) <= most + 1:
        return separator.join(items)
    return f"{separator.join(items[:most])} and {len(items) - most:,} more"


def listed(words: Iterable[str]) -> str:
    """Returns words as a sentence lists them: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def one_line(text: str) -> str:
    """Returns a text on one line, without characters that would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
