"""The functions, classes and constants of libraries: a task may put others in their place, which must not last."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from types import FunctionType, ModuleType
from typing import Any

_ATTRIBUTES = (staticmethod, classmethod, property)
_CONSTANTS = (bool, int, float, complex, str)
_Owner = ModuleType | type
_Parts = tuple[object, object, object]


class LibraryFunctions:
    """The functions, classes and public constants of some libraries, as they are when this is made.

    `prefixes` begin the names of modules, and `modules` are whole names. Only modules that are loaded count.
    """

    def __init__(self, prefixes: Iterable[str], modules: Iterable[str] = ()) -> None:
        owners = list(_owners(tuple(prefixes), {*modules}))
        self._functions = [(owner, _functions(owner)) for owner in owners]
        loaded = {id(owner) for owner in owners if isinstance(owner, ModuleType)}
        self._modules = {name: module for name, module in list(sys.modules.items()) if id(module) in loaded}
        functions = (value for _, values in self._functions for value in values.values())
        self._parts = {function: _parts(function) for function in functions if isinstance(function, FunctionType)}

    def changed(self) -> list[tuple[object, str]]:
        """Returns where another value, or none, stands now: the module, class or function, and the name in it."""
        return [
            *((sys.modules, name) for name, module in self._modules.items() if sys.modules.get(name) is not module),
            *((function, "its parts") for function, parts in self._parts.items() if _parts(function) != parts),
            *self._replaced(),
        ]

    def _replaced(self) -> list[tuple[_Owner, str]]:
        return [
            (owner, name)
            for owner, functions in self._functions
            for name, function in functions.items()
            if vars(owner).get(name) is not function
        ]

    def put_back(self) -> None:
        """Put every module and function back in its place, and give each function its own code and defaults."""
        sys.modules.update(self._modules)
        for function, parts in self._parts.items():
            if _parts(function) != parts:
                function.__code__, function.__defaults__, function.__kwdefaults__ = parts  # type: ignore[assignment]
        changed = self._replaced()
        for owner, functions in self._functions:
            for name in (name for other, name in changed if other is owner):
                setattr(owner, name, functions[name])


def _owners(prefixes: tuple[str, ...], modules: Set[str]) -> Iterator[_Owner]:
    """Yields the loaded modules of libraries, and the classes that they define."""
    for name, module in list(sys.modules.items()):
        if module is not None and (name.startswith(prefixes) or name in modules):
            yield module
            yield from (each for each in vars(module).values() if isinstance(each, type) and each.__module__ == name)


def _functions(owner: _Owner) -> Mapping[str, Any]:
    """Returns what may be replaced in a module or class. A name that begins with `_` may be a counter of its own."""
    public = _CONSTANTS if isinstance(owner, ModuleType) else ()
    return {
        name: value
        for name, value in vars(owner).items()
        if callable(value)
        or isinstance(value, _ATTRIBUTES)
        or (public and not name.startswith("_") and isinstance(value, public))
    }


def _parts(function: FunctionType) -> _Parts:
    return function.__code__, function.__defaults__, function.__kwdefaults__
