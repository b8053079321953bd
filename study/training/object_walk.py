"""Walks through the objects that a trial holds, and finds each value in them that training may change.

This module loads Keras, so that a launcher must not import it.
"""

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any, Protocol

import keras
import numpy as np
from keras.src.models import functional

from study.space.user_files import is_users
from study.training.plain_values import NotPlainError, pack

Put = Callable[[Any], object]
"""Puts another value in the place of the one that was found."""
_LARGE = 10_000
"""Items in a value of a module. A module may hold a data set, which training does not change."""


class Visitor(Protocol):
    """What is done with everything that a walk finds. `path` names the place, and is the same in each run."""

    def value(self, path: str, value: Any, put: Put) -> None:
        """A value that `plain_values` can pack."""

    def variable(self, path: str, variable: Any) -> None:
        """A variable of Keras or TensorFlow."""

    def optimizer(self, path: str, optimizer: Any) -> None:
        """An optimizer, before its variables."""

    def owner(self, path: str, owner: Any) -> None:
        """An object whose attributes were found."""

    def other(self, path: str, value: Any) -> None:
        """A value that can be neither packed nor taken apart."""


@functools.cache
def _names_of_keras() -> frozenset[str]:
    """Returns the attributes that Keras itself sets on layers and models, from its source."""
    classes = (*keras.Sequential.__mro__, *functional.Functional.__mro__)
    modules = {kind.__module__ for kind in classes if kind.__module__.startswith("keras.")}
    source = "".join(inspect.getsource(sys.modules[name]) for name in sorted(modules))
    return frozenset(re.findall(r"\bself\.(\w+)\s*=[^=]", source)) | {"history", "metrics", "stop_evaluating"}


class Walk:
    """One walk. Each object is visited once, at the first path that leads to it."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._seen: dict[int, Any] = {}  # The objects are kept, because another one could get the number of a dead one.

    def model(self, path: str, model: Any) -> None:
        """Visit a model: variables, optimizers, losses, and what its classes and functions keep."""
        layers = list(model._flatten_layers())
        metrics = _metrics(model, layers)
        self._seen |= {id(part): part for part in (*layers, *metrics)}
        self._variables(f"{path}.variables", model.variables)
        self._variables(f"{path}.metrics", [variable for metric in metrics for variable in metric.variables])
        for name in ("optimizer", "loss"):
            self._visit(f"{path}.{name}", getattr(model, name, None), lambda _: None)
        for number, layer in enumerate(layers):
            self._attributes_of_layer(f"{path}.layers[{number}]", layer)

    def owner(self, path: str, owner: Any, *, but: Iterable[str] = ()) -> None:
        """Visit an object of any class: all of its attributes, except those with a name in `but`."""
        self._seen[id(owner)] = owner
        self._visitor.owner(path, owner)
        for name, value in list(vars(owner).items()):
            if name not in but:
                self._visit(f"{path}.{name}", value, functools.partial(setattr, owner, name))

    def module(self, path: str, module: ModuleType) -> None:
        """Visit the variables of a user's module."""
        for name, value in list(vars(module).items()):
            if not name.startswith("__") and not isinstance(value, type | ModuleType | FunctionType) and _small(value):
                self._visit(f"{path}.{name}", value, functools.partial(setattr, module, name))

    def _attributes_of_layer(self, path: str, layer: Any) -> None:
        own = is_users_class(type(layer))
        for name, value in list(vars(layer).items()):
            # TensorFlow sets names that begin in this way, too.
            is_users = name not in _names_of_keras() and not name.startswith("_self_")
            if is_users and (own or not _is_plain(value)):
                self._visit(f"{path}.{name}", value, functools.partial(setattr, layer, name))

    def _visit(self, path: str, value: Any, put: Put) -> None:
        if _is_plain(value):
            self._visitor.value(path, value, put)
        elif id(value) not in self._seen:
            self._seen[id(value)] = value
            self._take_apart(path, value)

    def _take_apart(self, path: str, value: Any) -> None:
        if _is_variable(value):
            self._visitor.variable(path, value)
        elif isinstance(value, keras.random.SeedGenerator):
            self._visitor.variable(path, value.state)
        elif isinstance(value, keras.optimizers.Optimizer):
            self._visitor.optimizer(path, value)
            self._variables(path, value.variables)
        elif isinstance(value, keras.Metric):
            self._variables(path, value.variables)
        elif isinstance(value, keras.Model | keras.layers.Layer):
            self.model(path, value)
        elif isinstance(value, Mapping | list | tuple | set):
            self._items(path, value)
        elif isinstance(value, FunctionType | MethodType | functools.partial):
            self._function(path, value)
        elif hasattr(value, "__dict__") and (is_users_class(type(value)) or isinstance(value, keras.Loss)):
            self.owner(path, value)
        else:
            self._visitor.other(path, value)

    def _variables(self, path: str, variables: Iterable[Any]) -> None:
        for number, variable in enumerate(variables):
            if id(variable) not in self._seen:
                self._seen[id(variable)] = variable
                self._visitor.variable(f"{path}[{number}]", variable)

    def _items(self, path: str, items: Any) -> None:
        names = list(items) if isinstance(items, Mapping) else range(len(items))
        values = items.values() if isinstance(items, Mapping) else items
        for name, value in zip(names, list(values), strict=True):
            put = functools.partial(items.__setitem__, name) if isinstance(items, dict | list) else lambda _: None
            self._visit(f"{path}[{name!r}]", value, put)

    def _function(self, path: str, function: Any) -> None:
        if isinstance(function, MethodType):
            self._visit(f"{path}.self", function.__self__, lambda _: None)
        elif isinstance(function, functools.partial):
            self._items(f"{path}.given", [function.func, *function.args, *function.keywords.values()])
        elif is_users(function.__code__.co_filename):
            for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                self._cell(f"{path}.{name}", cell)

    def _cell(self, path: str, cell: Any) -> None:
        try:
            value = cell.cell_contents
        except ValueError:  # The function may be called before this variable has a value.
            return
        self._visit(path, value, functools.partial(setattr, cell, "cell_contents"))


def is_users_class(kind: type) -> bool:
    """Whether a class stands in a file of the user."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or _file_of_functions(kind)
    return bool(file) and is_users(str(file))


def _file_of_functions(kind: type) -> str:
    """Returns the file of a class whose module is no longer loaded; empty if the class has no function of its own."""
    functions = (value for value in vars(kind).values() if isinstance(value, FunctionType))
    return next((function.__code__.co_filename for function in functions), "")


def _metrics(model: Any, layers: Iterable[Any]) -> list[Any]:
    """Returns the metrics of a model, also those that it does not name. Their state may outlast an epoch."""
    metrics = [*getattr(model, "metrics", []), *(metric for layer in layers for metric in layer._metrics)]
    return list({id(metric): metric for metric in metrics}.values())


def _is_variable(value: Any) -> bool:
    return isinstance(value, keras.Variable) or (hasattr(value, "assign") and hasattr(value, "numpy"))


def _is_plain(value: Any) -> bool:
    try:
        pack(value, [])
    except NotPlainError:
        return False
    return True


def _small(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.size <= _LARGE
    return not isinstance(value, list | tuple | set | dict | str) or len(value) <= _LARGE
