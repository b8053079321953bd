"""The checksum in each line of a file of records. Lines of earlier versions have none, and are taken as they are."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_NAME = "sum"


def sealed_line(content: Mapping[str, Any]) -> str:
    """Returns a line with this content and its checksum."""
    return _text({**content, _NAME: _sum(content)}) + "\n"


def parsed_line(line: str) -> dict[str, Any]:
    """Parse a line. Raises TypeError if it is no JSON object, and ValueError if it names something twice."""
    content = json.loads(line, object_pairs_hook=_once)
    if not isinstance(content, dict):
        raise TypeError("it is no JSON object")
    return content


def was_changed(content: Mapping[str, Any]) -> bool:
    """Whether a parsed line has a checksum that does not fit its content."""
    given = content.get(_NAME)
    return given is not None and given != _sum({name: value for name, value in content.items() if name != _NAME})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object. Raises ValueError if a name stands in it twice, because the values may differ."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return content


def _sum(content: Mapping[str, Any]) -> str:
    # Not the line itself, because a tool may have written the same values with other blanks, or in another order.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
