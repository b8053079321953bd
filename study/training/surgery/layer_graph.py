"""Rebuilds a functional or sequential model around layers that are left out or replaced.

The layers that stay are the same objects, so that their weights stay too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from study.training.surgery.branches import Value, is_merge, main_branch, merged
from study.training.surgery.layer_names import graph_of
from study.training.surgery.misfit import MisfitError, in_words, reason_of
from study.training.surgery.projection import project


@dataclass(frozen=True)
class Changes:
    """What becomes of layers, by the `id` of each layer."""

    removed: frozenset[int] = frozenset()
    passed: frozenset[int] = frozenset()
    """Layers that are replaced by the identity."""
    replaced: Mapping[int, Any] = field(default_factory=dict)
    mend: bool = False
    """Whether each layer that stays gets the shape for which it was built, if need be by a projection."""

    @property
    def layers(self) -> set[int]:
        """Returns every layer that changes."""
        return {*self.removed, *self.passed, *self.replaced}

    def mended(self) -> "Changes":
        """Returns the same changes, mended."""
        return replace(self, mend=True)


def rebuilt(model: Any, changes: Changes) -> Any:
    """Returns the model with these changes, not compiled. Raises MisfitError if that is impossible.

    It is the same object if no layer of it changes.
    """
    return _Rebuilding(changes).model(model, whole=True)


class _Rebuilding:
    """One attempt. A model that is used several times inside another is changed once."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.replaced: dict[int, Any] = dict(changes.replaced)
        self.names = Counter[str]()

    def model(self, model: Any, *, whole: bool) -> Any:
        """Returns a model with the changes. If it is the `whole` model, its answers keep their shapes."""
        graph = graph_of(model)
        for operation in graph._operations:
            if graph_of(operation) is not None and id(operation) not in self.changes.layers:
                inner = self.model(operation, whole=False)
                if inner is not operation:
                    self.replaced[id(operation)] = inner
        if not any(self._changes(operation) for operation in graph._operations):
            return model
        outputs = _Walk(self, graph).outputs()
        if whole:
            _check_outputs(graph._outputs, outputs)
        return _made_anew(model, graph, keras.tree.pack_sequence_as(graph._outputs_struct, outputs))

    def _changes(self, operation: Any) -> bool:
        return id(operation) in self.changes.layers or id(operation) in self.replaced

    def is_left_out(self, operation: Any) -> bool:
        return id(operation) in self.changes.removed or id(operation) in self.changes.passed

    def projected(self, tensor: Any, like: Any, *, before: Any) -> Any:
        """Returns a tensor in the shape of another one, for the layer `before` which it stands."""
        if tuple(tensor.shape) == tuple(like.shape):
            return tensor
        source = like._keras_history.operation.name
        self.names[source] += 1
        name = f"{source}_projection" + (f"_{self.names[source]}" if self.names[source] > 1 else "")
        first = getattr(before, "data_format", None) == "channels_first"
        return project(tensor, like.shape, name=name, dtype=getattr(before, "dtype_policy", None), channels_first=first)


class _Walk:
    """Goes through a graph from its inputs to its outputs, and calls again the layers that get another tensor."""

    def __init__(self, rebuilding: _Rebuilding, graph: Any) -> None:
        self.rebuilding, self.graph = rebuilding, graph
        self.uses = Counter(id(tensor) for node in self._nodes() for tensor in node.input_tensors)
        self.starts = {id(tensor) for tensor in graph._inputs}
        self.values = {id(tensor): Value(tensor) for tensor in graph._inputs}

    def _nodes(self) -> Iterator[Any]:
        """Yields the calls of layers and operations, in the order in which the data reach them."""
        for depth in sorted(self.graph._nodes_by_depth, reverse=True):
            yield from (node for node in self.graph._nodes_by_depth[depth] if not node.is_input)

    def outputs(self) -> list[Any]:
        """Returns the tensors that take the place of the graph's outputs."""
        for node in self._nodes():
            if self.rebuilding.is_left_out(node.operation):
                self.values[id(node.outputs[0])] = self._past(node)
            else:
                self._through(node)
        return [self.values[id(tensor)].tensor for tensor in self.graph._outputs]

    def _past(self, node: Any) -> Value:
        """Returns what goes past a layer that is left out."""
        operation, inputs = node.operation, node.input_tensors
        values = [self.values[id(tensor)] for tensor in inputs]
        if len(node.outputs) != 1:
            raise MisfitError(f"{operation.name} gives {len(node.outputs)} outputs")
        removed = id(operation) in self.rebuilding.changes.removed
        if is_merge(operation, inputs):
            if not removed:
                raise MisfitError(f"{operation.name} has {len(inputs)} inputs; remove it, or one of its branches")
            value = main_branch(values, inputs, node.outputs[0])
            return Value(value.tensor, all(each.empty for each in values), value.length)
        alike = (n for n, tensor in enumerate(inputs) if tuple(tensor.shape) == tuple(node.outputs[0].shape))
        number = next(alike, 0)
        _check_kind(operation, inputs[number], node.outputs[0])
        value, tensor = values[number], inputs[number]
        begins = value.empty or self.uses[id(tensor)] > 1 or id(tensor) in self.starts
        return Value(value.tensor, removed and begins, value.length)

    def _through(self, node: Any) -> None:
        """Note what a layer that stays makes of its inputs."""
        inputs = node.input_tensors
        values = [self.values[id(tensor)] for tensor in inputs]
        operation = self.rebuilding.replaced.get(id(node.operation), node.operation)
        length = 1 + max((value.length for value in values), default=0)
        same = all(value.tensor is tensor for value, tensor in zip(values, inputs, strict=True))
        if same and operation is node.operation:
            outputs: Sequence[Any] = node.outputs
        else:
            outputs = self._called(node, operation, values)
        for before, now in zip(node.outputs, outputs, strict=True):
            self.values[id(before)] = Value(now, length=length)

    def _called(self, node: Any, operation: Any, values: Sequence[Value]) -> Sequence[Any]:
        inputs = node.input_tensors
        if self.rebuilding.changes.mend:
            values = [
                v if v.empty and is_merge(operation, inputs) else self._projected(v, tensor, operation)
                for v, tensor in zip(values, inputs, strict=True)
            ]
        with _refusals(operation, values):
            if is_merge(operation, inputs):
                return [merged(operation, values, inputs)]
            for value, tensor in zip(values, inputs, strict=True):
                _check_input(operation, tensor, value.tensor)
            by_tensor = {id(tensor): value.tensor for value, tensor in zip(values, inputs, strict=True)}
            positional, named = node.arguments.fill_in(by_tensor)
            return list(keras.tree.flatten(operation(*positional, **named)))

    def _projected(self, value: Value, tensor: Any, operation: Any) -> Value:
        made = self.rebuilding.projected(value.tensor, tensor, before=operation)
        return Value(made, value.empty, value.length)


@contextmanager
def _refusals(operation: Any, values: Sequence[Value]) -> Iterator[None]:
    """Turn whatever Keras or the user's layer says against its new inputs into a MisfitError."""
    try:
        yield
    except MisfitError:
        raise
    except Exception as error:
        shapes = " and ".join(in_words(value.tensor.shape) for value in values)
        text = f"{operation.name} does not take {shapes}: {reason_of(error)}"
        raise MisfitError(text, mendable=True) from error


def _check_input(operation: Any, before: Any, now: Any) -> None:
    """Raise MisfitError if a layer's weights do not fit a new input. Keras does not always notice that."""
    old, new = tuple(before.shape), tuple(now.shape)
    if old == new or not getattr(operation, "weights", ()) or isinstance(operation, keras.layers.Embedding):
        return
    axis = 1 if getattr(operation, "data_format", None) == "channels_first" else -1
    if len(old) != len(new) or old[axis] != new[axis]:
        text = f"{operation.name} was built for {in_words(old)} and would get {in_words(new)}"
        raise MisfitError(text, mendable=True)


def _check_kind(operation: Any, before: Any, after: Any) -> None:
    """Raise MisfitError if a layer turns values of one kind into another, such as words into numbers."""
    floats = [keras.backend.is_float_dtype(tensor.dtype) for tensor in (before, after)]
    if floats[0] != floats[1] or "string" in (before.dtype, after.dtype):
        raise MisfitError(f"{operation.name} turns {before.dtype} into {after.dtype}, which the next layer needs")


def _check_outputs(before: Sequence[Any], now: Sequence[Any]) -> None:
    for old, new in zip(before, now, strict=True):
        if tuple(old.shape) != tuple(new.shape):
            text = f"the model would answer with {in_words(new.shape)} and not {in_words(old.shape)}"
            raise MisfitError(text, mendable=True)


def _made_anew(model: Any, graph: Any, outputs: Any) -> Any:
    """Returns a model of the same class, name and inputs with other outputs."""
    try:
        if isinstance(model, keras.Sequential):
            functional = keras.Model(graph._inputs_struct, outputs)
            made = type(model)(functional.layers, name=model.name)
        else:
            made = type(model)(inputs=graph._inputs_struct, outputs=outputs, name=model.name)
    except Exception as error:
        kind = type(model).__name__
        raise MisfitError(f"{kind} cannot be made anew with other layers: {reason_of(error)}") from error
    made._trainable = model._trainable  # The property would change every layer.
    return made
