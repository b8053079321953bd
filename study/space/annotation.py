"""What the annotation of a parameter allows: `Annotated[float, 0, 1]`, `Literal["relu", "gelu"]`, `bool`."""

import math
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from study.errors import TaskError
from study.task import Level, plain

NOTHING: Any = type("Nothing", (), {"__repr__": lambda self: "nothing"})()
"""The default of a parameter that has none, and the annotation of one that has none."""
_KINDS: tuple[type, ...] = (bool, int, float, str)
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
_BOUNDS = "write the lowest and the highest value, as in Annotated[float, 0, 1]; None is no bound"


@dataclass(frozen=True)
class Rule:
    """The type of a parameter, and the values that it may have."""

    kind: type | None = None
    """One of bool, int, float and str, or None if the annotation does not tell."""
    choices: tuple[Level, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    @property
    def is_bare(self) -> bool:
        """Whether it allows every value of its type."""
        return not self.choices and math.isinf(self.low) and math.isinf(self.high)

    def of_kind(self, value: Any) -> Any:
        """Returns a value in this rule's type: 1 as 1.0 if it is a float. Raises TaskError if it has another type."""
        value = plain(value)
        if self.choices or self.kind is None or type(value) is self.kind or not isinstance(value, Level):
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is float and number:
            return float(value)
        if self.kind is int and number and float(value).is_integer():
            return int(value)
        raise TaskError(f"its default {value!r} is not {_WORDS[self.kind]}, as its annotation says")


def rule(annotation: Any) -> Rule:
    """Returns what an annotation allows; every value if it says nothing that is known here.

    Raises TaskError if it gives bounds that are none.
    """
    if hasattr(annotation, "__value__"):  # `type Kind = …`
        return rule(annotation.__value__)
    if hasattr(annotation, "__supertype__"):  # NewType
        return rule(annotation.__supertype__)
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return Rule(choices=tuple(map(plain, parts)))
    if origin is typing.Annotated:
        return _bounded(rule(parts[0]), parts[1:])
    if origin in (typing.Union, types.UnionType):
        return _union([rule(part) for part in parts if part is not type(None)])
    kinds = [kind for kind in _KINDS if isinstance(annotation, type) and issubclass(annotation, kind)]
    return Rule(kinds[0]) if kinds else Rule()


def _union(rules: Sequence[Rule]) -> Rule:
    """Returns the rule of `int | float`, of `Literal["a"] | Literal["b"]`, of `int | None`."""
    if len(rules) == 1:
        return rules[0]
    if all(one.choices for one in rules):
        return Rule(choices=tuple(choice for one in rules for choice in one.choices))
    return Rule(float) if {one.kind for one in rules} == {int, float} else Rule()


def _bounded(inner: Rule, notes: Iterable[Any]) -> Rule:
    """Returns a rule with the bounds in the further parts of `Annotated`. Parts of another kind are other people's."""
    bounds: list[float | None] = []
    for note in notes:
        if note is None or _is_number(note):
            bounds.append(plain(note))
        elif isinstance(note, range):
            bounds += [note.start, note.stop - 1]
        elif (
            isinstance(note, tuple | list) and len(note) == 2 and all(part is None or _is_number(part) for part in note)
        ):
            bounds += map(plain, note)
        elif hasattr(note, "ge") or hasattr(note, "le"):  # annotated_types.Interval, Ge and Le
            inner = replace(inner, low=_or(getattr(note, "ge", None), inner.low))
            inner = replace(inner, high=_or(getattr(note, "le", None), inner.high))
    if not bounds:
        return inner
    if len(bounds) != 2:
        raise TaskError(f"the number of bounds in its Annotated must be two, not {len(bounds)}; {_BOUNDS}")
    if inner.kind not in (int, float, None):
        kind = getattr(inner.kind, "__name__", inner.kind)
        raise TaskError(f"only a number has bounds, not {kind}; write Annotated[float, …] or Annotated[int, …]")
    return replace(inner, low=_or(bounds[0], -math.inf), high=_or(bounds[1], math.inf))


def _is_number(value: Any) -> bool:
    value = plain(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _or(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else bound
