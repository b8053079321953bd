"""Finds the layers of a model by their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import keras

from study.errors import TaskError
from study.space.hints import did_you_mean, some

_PATTERN = set("*?[")


@dataclass(frozen=True)
class NamedLayer:
    """A layer, or an operation such as `x + y`. Its path is its name, after the names of the models that it is in."""

    path: str
    layer: Any

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def graph_of(model: Any) -> Any:
    """Returns the graph of a functional or sequential model, or None if a model has none."""
    if isinstance(model, keras.Sequential):
        return model._functional
    return model if hasattr(model, "_nodes_by_depth") else None


def all_layers(model: Any) -> list[NamedLayer]:
    """Returns every layer of a model, also those inside its models, in the order in which the data reach them."""
    return list(_inside(model, ""))


def _inside(model: Any, within: str) -> Iterator[NamedLayer]:
    graph = graph_of(model)
    if graph is None:
        yield from (NamedLayer(f"{within}{layer.name}", layer) for layer in model._flatten_layers(include_self=False))
        return
    for operation in graph._operations:
        yield NamedLayer(f"{within}{operation.name}", operation)
        if graph_of(operation) is not None:
            yield from _inside(operation, f"{within}{operation.name}/")


def find(layers: Sequence[NamedLayer], names: Sequence[str]) -> list[NamedLayer]:
    """Returns the layers that these names or patterns mean, each once. A name may leave out the models around a layer.

    Raises TaskError if a name means no layer, or means several that lie in different models.
    """
    found = {named.path: named for name in names for named in _matching(layers, name)}
    return list(found.values())


def _matching(layers: Sequence[NamedLayer], name: str) -> list[NamedLayer]:
    exact = [named for named in layers if named.path == name] or [named for named in layers if named.name == name]
    if len(exact) > 1:
        raise TaskError(f"surgery: {name!r} means {some([named.path for named in exact])}; write which one")
    pattern = _PATTERN & set(name)
    matching = exact or [n for n in layers if pattern and (fnmatchcase(n.path, name) or fnmatchcase(n.name, name))]
    if not matching:
        paths = [named.path for named in layers]
        near = did_you_mean(name, [*paths, *(named.name for named in layers)]) or f"; its layers are {some(paths)}"
        raise TaskError(f"surgery: the model has no layer {name!r}{near}")
    return matching
