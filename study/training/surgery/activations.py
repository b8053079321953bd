"""Exchanges the activations of layers."""

from collections.abc import Iterable
from typing import Any

import keras

from study.training.surgery.layer_names import NamedLayer, graph_of
from study.training.surgery.misfit import MisfitError

_AS_LAYERS = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU, keras.layers.PReLU)
_GATES = ("linear", "sigmoid", "hard_sigmoid", "softmax", "log_softmax")
"""Activations that stay unless a layer is named: a gate or a share must lie between 0 and 1."""


def exchange(layers: Iterable[NamedLayer], name: str) -> dict[int, Any]:
    """Give these layers another activation. Returns the layers that must be replaced for that, by their `id`.

    Raises MisfitError if one of them has no activation.
    """
    replaced = {}
    for named in layers:
        layer = named.layer
        if isinstance(layer, _AS_LAYERS):
            replaced[id(layer)] = keras.layers.Activation(name, name=layer.name, dtype=layer.dtype_policy)
        elif (holder := _holder(layer)) is not None:
            holder.activation = keras.activations.get(name)
        else:
            raise MisfitError(f"{named.path} has no activation")
    return replaced


def _holder(layer: Any) -> Any:
    """Returns the object that keeps a layer's activation: the cell of a recurrent layer, or the layer itself."""
    holder = getattr(layer, "cell", layer)
    return holder if callable(getattr(holder, "activation", None)) and graph_of(layer) is None else None


def hidden(model: Any, layers: Iterable[NamedLayer]) -> list[NamedLayer]:
    """Returns the layers whose activation shapes what the model learns: not a gate, nor what gives the answer."""
    ends = {id(layer) for layer in answering(model)}
    return [named for named in layers if id(named.layer) not in ends and _shapes(named.layer)]


def _shapes(layer: Any) -> bool:
    if isinstance(layer, _AS_LAYERS):
        return True
    holder = _holder(layer)
    plain = holder is not None and not isinstance(layer, keras.layers.RNN)
    return plain and getattr(holder.activation, "__name__", "") not in _GATES


def answering(model: Any) -> list[Any]:
    """Returns the layers whose outputs are the model's own, also those inside its models."""
    graph = graph_of(model)
    if graph is None:
        return []
    ends = [tensor._keras_history.operation for tensor in graph._outputs]
    return [inner for end in ends for inner in (end, *answering(end))]
