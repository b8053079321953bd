"""The places of a graph where several tensors become one: which of their branches stay if layers are left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from study.training.surgery.misfit import MisfitError, in_words

_ELEMENTWISE = ("Add", "Multiply", "Maximum", "Minimum", "Average", "Subtract")
_NEED_EVERY_BRANCH = ("Subtract", "Dot")
_MERGES = (*_ELEMENTWISE, "Concatenate", "Dot")
_PLACES = ("keras.src.layers.merging", "keras.src.ops.numpy")


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the changed graph that takes the place of one of the graph as it was built."""

    tensor: Any
    empty: bool = False
    """Whether every layer was removed between this tensor and the last place from which other branches go out too."""
    length: int = 0
    """How many layers lie before it, on the longest way from an input."""


def is_merge(operation: Any, inputs: Sequence[Any]) -> bool:
    """Whether a layer or an operation such as `x + y` makes one tensor of several equal partners."""
    place, name = type(operation).__module__, type(operation).__name__
    return len(inputs) > 1 and name in _MERGES and place.startswith(_PLACES)


def main_branch(values: Sequence[Value], inputs: Sequence[Any], output: Any) -> Value:
    """Returns the branch that goes on if a merge is left out: the longest of those that have the merge's own shape.

    So a residual block without its `Add` keeps its layers and loses the shortcut.
    """
    left = with_layers(values)
    fitting = [
        value
        for value, tensor in zip(values, inputs, strict=True)
        if value in left and tuple(tensor.shape) == tuple(output.shape)
    ]
    return max(fitting or left, key=lambda value: value.length)


def with_layers(values: Sequence[Value]) -> list[Value]:
    """Returns the branches that still have layers. If none has, all of them, or one if they are the same tensor."""
    if left := [value for value in values if not value.empty]:
        return left
    return [*values[:1]] if len({id(value.tensor) for value in values}) == 1 else [*values]


def merged(operation: Any, values: Sequence[Value], inputs: Sequence[Any]) -> Any:
    """Returns the tensor that a merge makes of the branches that still have layers."""
    left = with_layers(values)
    name = type(operation).__name__
    if len(left) < len(values) and name in _NEED_EVERY_BRANCH:
        raise MisfitError(f"{operation.name} ({name}) needs all of its branches, and one of them would have no layer")
    tensors = [value.tensor for value in left]
    if len(tensors) == 1:
        return tensors[0]
    if name in _ELEMENTWISE:
        _check_broadcast(operation, [tuple(tensor.shape) for tensor in inputs], tensors, values, left)
    if not isinstance(operation, keras.layers.Layer):
        return operation(tensors) if name == "Concatenate" else operation(*tensors)
    # A new one, because this one remembers how many branches it had.
    return type(operation).from_config(operation.get_config())(tensors)


def _check_broadcast(
    operation: Any, shapes: Sequence[tuple[Any, ...]], tensors: Sequence[Any], values: Sequence[Value], left: Any
) -> None:
    """Raise MisfitError if sizes that were equal no longer are. Keras would repeat a size of 1 without a word."""
    before = [shape for shape, value in zip(shapes, values, strict=True) if value in left]
    now = [tuple(tensor.shape) for tensor in tensors]
    if [*map(_pattern, zip(*before, strict=False))] != [*map(_pattern, zip(*now, strict=False))] or (
        [*map(len, before)] != [*map(len, now)]
    ):
        text = " and ".join(dict.fromkeys(map(in_words, now)))
        raise MisfitError(f"{operation.name} would get {text}, which it cannot put together", mendable=True)


def _pattern(sizes: Sequence[Any]) -> list[int]:
    """Returns for each size the place of the first one that is equal to it."""
    return [sizes.index(size) for size in sizes]
