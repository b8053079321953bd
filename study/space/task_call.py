"""Calls one function of a task with what its signature names. Classes and files of functions are called alike."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from study.errors import TaskError
from study.space.function_settings import FUNCTIONS
from study.space.function_task import FunctionTask
from study.task import Settings, Task

Offer = Callable[[], Any]
"""Returns something that a function may name in its signature. It is called only if the function does."""
_WITHOUT_SETTINGS = ("text",)
"""The functions of a class that do not get the settings as their first argument."""


def has(task: Task, name: str) -> bool:
    """Whether a task has an optional function, such as `callbacks`."""
    if isinstance(task, FunctionTask):
        return name in task.signatures
    return callable(getattr(task, name, None))


def names(task: Task, name: str) -> list[str]:
    """Returns what a function of a file names in its signature: settings, and what it is handed."""
    if not isinstance(task, FunctionTask):
        return []
    given, known = task.signatures[name].parameters, {*task.settings, *FUNCTIONS[name]}
    return [parameter.name for parameter in given if parameter.name in known]


def load(task: Task) -> None:
    """Import the module of a task, so that what its import does and draws comes before any call.

    Raises TaskError if it cannot be imported.
    """
    if isinstance(task, FunctionTask):
        task.module()


def call(task: Task, name: str, settings: Settings, **offers: Offer) -> Any:
    """Call a function of a task. Returns what it returns.

    A function of a file gets the settings and the offers that it names. A method of a class gets all settings as its
    first argument, and the offers that it names. Raises TaskError if it names anything else.
    """
    if isinstance(task, FunctionTask):
        return task.call(name, settings, offers)
    method = getattr(task, name)
    first = () if name in _WITHOUT_SETTINGS else (settings,)
    positional, named = _arguments(method, name, skip=len(first), offers=offers)
    return method(*first, *positional, **named)


def _arguments(
    method: Callable[..., Any], name: str, *, skip: int, offers: Mapping[str, Offer]
) -> tuple[list[Any], dict[str, Any]]:
    """Returns the offers that a method takes, by place and by name.

    Methods of the contract call `progress` and `target` by place, so they may have another name.
    """
    parameters = list(inspect.signature(method).parameters.values())[skip:]
    positional: list[Any] = []
    named: dict[str, Any] = {}
    left = dict(offers)
    for parameter in parameters:
        if parameter.name in left:
            named[parameter.name] = left.pop(parameter.name)()
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= {offer: value() for offer, value in left.items()}
        elif parameter.default is parameter.empty:
            by_place = [offer for offer in ("progress", "target") if offer in left]
            if parameter.kind is parameter.VAR_POSITIONAL and not by_place:
                continue
            if not by_place or named:
                known = ", ".join(f"`{offer}`" for offer in offers) or "nothing else"
                raise TaskError(f"{name}() of the task asks for `{parameter.name}`; it is handed the settings, {known}")
            positional.append(left.pop(by_place[0])())
    return positional, named
