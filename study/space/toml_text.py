"""Writes the keys of a search space as the text of a file."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, Any]) -> str:
    """Returns the document in TOML: first the plain keys, then a block for each table. It reads back as it is."""
    plain = {key: value for key, value in document.items() if not _heads(key, value)}
    blocks = [_lines(plain), *(block for key, value in document.items() for block in _heads(key, value))]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _heads(key: str, value: Any) -> list[str]:
    """Returns a block for each table that is kept under this key; none if it holds no table."""
    if isinstance(value, Mapping):
        return [f"[{_key(key)}]\n{_lines(value)}".strip()]
    tables = isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value)
    return [f"[[{_key(key)}]]\n{_lines(item)}" for item in value] if tables else []


def _lines(table: Mapping[str, Any]) -> str:
    return "\n".join(_pairs(table))


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(key)} = {_value(value)}" for key, value in table.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    # JSON escapes what TOML escapes, but for this one character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
