"""How a task that is given in Python is named, so that a worker process can import it."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from study.errors import TaskError
from study.space.hints import one_line, short
from study.space.task_loading import BUILT_IN
from study.space.user_files import is_users

_WAY_OUT = (
    "a worker process cannot import what a notebook or a console defines: write it to a file, in a notebook by a cell "
    "that begins with %%writefile digits.py, and give task='./digits.py'"
)


def reference_of(task: Any) -> Any:
    """Returns the name of a task that is a module, or an object in a module. Texts and paths are names already.

    Raises TaskError if no other process could import it.
    """
    if isinstance(task, str | Path):
        return str(task)
    if isinstance(task, ModuleType):
        return _place(task)
    if task is None or isinstance(task, bool | int | float | dict | list):
        return task  # The rule of the key `task` says what it must be.
    reference = _reference(task)
    return {place: name for name, place in BUILT_IN.items()}.get(reference, reference)


def _reference(task: Any) -> str:
    """Returns the place of a task that some module holds under a name."""
    holders = sorted(_holders(task), key=lambda place: place[0] is not sys.modules.get(type(task).__module__))
    if holders:
        module, name = holders[0]
        return f"{_place(module)}:{name}"
    shown = one_line(short(task))
    if type(task).__module__ == "__main__" or getattr(task, "__module__", "") == "__main__":
        raise TaskError(f"{shown} is defined here, and {_WAY_OUT}")
    raise TaskError(
        f"{shown} has no name in its module, so that no worker process can import it; "
        "give it one in the module, such as `task = Digits()`, and give that object"
    )


def _holders(task: Any) -> list[tuple[ModuleType, str]]:
    """Returns the modules that hold this object, each with its name there. A notebook or a console is none."""
    modules = [module for module in list(sys.modules.values()) if _has_file(module)]
    return [(module, name) for module in modules for name, value in list(vars(module).items()) if value is task]


def _has_file(module: Any) -> bool:
    return isinstance(module, ModuleType) and bool(vars(module).get("__file__"))


def _place(module: ModuleType) -> str:
    """Returns the file of a user's module, or the module's name if it is installed or in a package."""
    if not _has_file(module):
        raise TaskError(f"{module.__name__!r} has no file, and {_WAY_OUT}")
    file = Path(str(module.__file__)).resolve()
    return str(file) if "." not in module.__name__ and is_users(file) else module.__name__
