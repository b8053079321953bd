"""Nests of arrays: a nest is an array, or a dict, tuple or list of nests, as Keras's `fit` takes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Nest = Any
"""An array, or a dict, tuple or list of nests. None stands in the place of an array that is left out."""


def map_nest(function: Callable[..., Any], nest: Nest, *others: Nest) -> Nest:
    """Call a function on each array of a nest, and on the values at the same place in `others`.

    Returns the answers in a nest of the same structure. None stays None.
    """
    if nest is None:
        return None
    if isinstance(nest, dict):
        return {name: map_nest(function, part, *(other[name] for other in others)) for name, part in nest.items()}
    if isinstance(nest, tuple | list):
        parts = (map_nest(function, *same_place) for same_place in zip(nest, *others, strict=True))
        return type(nest)(parts)
    return function(nest, *others)


def leaves(nest: Nest) -> Iterator[Any]:
    """Yields the arrays of a nest in their order. The order of a dict is that of its names as they were given."""
    if isinstance(nest, dict):
        for part in nest.values():
            yield from leaves(part)
    elif isinstance(nest, tuple | list):
        for part in nest:
            yield from leaves(part)
    elif nest is not None:
        yield nest


def count(nest: Nest) -> int:
    """Returns how many examples the arrays of a nest have. All have equally many."""
    return len(next(leaves(nest)))


def take(nest: Nest, rows: Any) -> Nest:
    """Returns the same nest with only these rows of each array. `rows` is a slice or an array of indices."""
    return map_nest(lambda array: array[rows], nest)


def with_leaves(nest: Nest, values: Iterable[Any]) -> Nest:
    """Returns a nest of the same structure that holds these values, in the order of `leaves`."""
    remaining = iter(values)
    return map_nest(lambda _: next(remaining), nest)


def to_json(nest: Nest) -> Any:
    """Returns a nest as JSON that tells tuples from lists, and dicts from both. The leaves must be texts."""
    if isinstance(nest, dict):
        return {"dict": {name: to_json(part) for name, part in nest.items()}}
    if isinstance(nest, tuple | list):
        return {type(nest).__name__: [to_json(part) for part in nest]}
    return nest


def from_json(structure: Any) -> Nest:
    """Returns the nest that `to_json` wrote."""
    if not isinstance(structure, Mapping):
        return structure
    ((kind, parts),) = structure.items()
    if kind == "dict":
        return {name: from_json(part) for name, part in parts.items()}
    return {"tuple": tuple, "list": list}[kind](map(from_json, parts))
