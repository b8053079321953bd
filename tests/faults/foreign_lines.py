"""Damages to the lines of a file of records, as programs, editors and people make them."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Line = dict[str, Any]
_TEXTS = ("", "abc", "\u001b[31mred", "\ud800", "a\nb", "\u202eabc", "1e999", "x" * 5_000, "__class__")
_VALUES: tuple[Any, ...] = (None, True, [], {}, [1, 2], {"a": 1}, -1, 0, 2**63, 1e308, -0.0, *_TEXTS)
_RAW = ("1" * 5_000, "1e99999", "NaN", "Infinity", "-Infinity", "[" * 100_000, "[" * 300 + "]" * 300, '{"a":' * 2_000)
"""Values that no program should write, as the file has them."""


def damaged(line: Line, chance: random.Random) -> str:
    """Return a line with a damage. Its checksum is taken off, as in a file of an earlier version."""
    content: Line = json.loads(json.dumps(line))
    content.pop("sum", None)
    return chance.choice(_WAYS)(content, chance)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every object or list inside a value, with each of its names or numbers."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in list(names):
        yield value, name
        yield from _places(value[name])


def _exchange(content: Line, chance: random.Random) -> str:
    holder, name = chance.choice([*_places(content)])
    holder[name] = chance.choice(_VALUES)
    return json.dumps(content)


def _remove(content: Line, chance: random.Random) -> str:
    holder, name = chance.choice([*_places(content)])
    del holder[name]
    return json.dumps(content)


def _add(content: Line, chance: random.Random) -> str:
    holders = [content, *(holder[name] for holder, name in _places(content) if isinstance(holder[name], dict))]
    chance.choice(holders)[chance.choice(_TEXTS)] = chance.choice(_VALUES)
    return json.dumps(content)


def _exchange_raw(content: Line, chance: random.Random) -> str:
    holder, name = chance.choice([*_places(content)])
    holder[name] = "@here@"
    return json.dumps(content).replace('"@here@"', chance.choice(_RAW))


def _repeat(content: Line, chance: random.Random) -> str:
    """Name something twice, with another value."""
    holder, name = chance.choice([place for place in _places(content) if isinstance(place[0], dict)])
    before, holder["@here@"] = json.dumps({name: holder[name]})[1:-1], 0
    return json.dumps(content).replace('"@here@": 0', f"{before}, {json.dumps(name)}: 0")


def _scratch(content: Line, chance: random.Random) -> str:
    text = json.dumps(content)
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(('"', "\0", "{", "}", ",", "\ufeff", "\u2028", "\x85", "9")) + text[place + 1 :]


def _cut(content: Line, chance: random.Random) -> str:
    text = json.dumps(content)
    return text[: chance.randrange(len(text))]


def _replace(content: Line, chance: random.Random) -> str:
    return chance.choice(("", "null", "[]", "3", '"text"', "{}", "﻿{}", *_RAW))


_WAYS: tuple[Callable[[Line, random.Random], str], ...] = (
    *(_exchange, _exchange, _exchange, _remove, _add),
    *(_exchange_raw, _repeat, _scratch, _cut, _replace),
)
