"""Checks that a value that was made from JSON has the types that its class declares, whatever the file held.

A wrong type would be found only by the command that happens to use it, long after the file was taken.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from study.space.hints import one_line, short

_LARGEST = 2**63
"""No table and no database holds a whole number as large as this, or larger."""


def check_types(value: Any) -> None:
    """Raise TypeError if a part of a value, which is of a data class, is of another type than its class declares."""
    for place in _misfits(value, type(value)):
        raise TypeError(place)


def _misfits(value: Any, hint: Any) -> Iterator[str]:
    """Yields the parts that do not fit, each with its value."""
    if not _fits(value, hint):
        yield f"{one_line(short(value))} is of the wrong type"
    elif is_dataclass(value):
        kind: Any = type(value)
        for name, part in _hints(kind).items():
            yield from (f"{name}: {misfit}" for misfit in _misfits(getattr(value, name), part))
    elif isinstance(value, Mapping):
        names, parts = get_args(_of_kind(hint, Mapping)) or (Any, Any)
        for name, part in value.items():
            yield from _misfits(name, names)
            yield from _misfits(part, parts)
    elif isinstance(value, tuple | list):
        for part, one in zip(value, _parts(hint, len(value)), strict=False):
            yield from _misfits(part, one)


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return any(value == one and type(value) is type(one) for one in get_args(hint))
    if hint is Any or value is None:
        return hint in (Any, None, types.NoneType)
    if isinstance(value, str):
        return hint is str and _is_text(value)
    if isinstance(value, bool):
        return hint is bool
    if isinstance(value, int):
        return hint in (int, float) and abs(value) < _LARGEST
    if isinstance(value, float):
        return hint is float or (hint is int and value.is_integer())
    return isinstance(value, origin or hint)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # No file can hold a surrogate.
        return False
    return True


def _of_kind(hint: Any, kind: type) -> Any:
    """Returns the part of a union that is of this kind; the hint itself if it is no union."""
    return next((one for one in get_args(hint) if get_origin(one) is kind), hint) if _is_union(hint) else hint


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


def _parts(hint: Any, length: int) -> tuple[Any, ...]:
    """Returns the hint of each item of a tuple of this length."""
    args = get_args(_of_kind(hint, tuple))
    return (args[0],) * length if args[1:] == (Ellipsis,) else args


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
