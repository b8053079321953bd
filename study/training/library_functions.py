"""The functions and classes of libraries: a task may put others in their place, which must not last."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from types import ModuleType
from typing import Any

_ATTRIBUTES = (staticmethod, classmethod, property)
_Owner = ModuleType | type


class LibraryFunctions:
    """The functions of some libraries, as they are when this is made.

    `prefixes` begin the names of modules, and `modules` are whole names. Only modules that are loaded count.
    """

    def __init__(self, prefixes: Iterable[str], modules: Iterable[str] = ()) -> None:
        self._functions = [(owner, _functions(owner)) for owner in _owners(tuple(prefixes), {*modules})]

    def changed(self) -> list[tuple[_Owner, str]]:
        """Returns where another value, or none, stands now: the module or class, and the name in it."""
        return [
            (owner, name)
            for owner, functions in self._functions
            for name, function in functions.items()
            if vars(owner).get(name) is not function
        ]

    def put_back(self) -> None:
        """Put every function back in its place."""
        changed = self.changed()
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
    return {name: value for name, value in vars(owner).items() if callable(value) or isinstance(value, _ATTRIBUTES)}
