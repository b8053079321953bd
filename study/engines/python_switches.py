"""What a user's code can set in Python and in the process, each with the way back if there is one."""

import builtins
import decimal
import gc
import locale
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any

from study.engines.process_state import Switch

_LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]


def _attribute(owner: Any, name: str, title: str) -> Switch:
    return Switch(title, lambda: getattr(owner, name), lambda value: setattr(owner, name, value))


def _list(values: list[Any], title: str) -> Switch:
    """A list that must stay the same object."""

    def write(remembered: list[Any]) -> None:
        values[:] = remembered

    return Switch(title, lambda: list(values), write)


def _set_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()  # TZ may be among them.


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]  # A list, whatever its stub says.
    warnings._filters_mutated()  # type: ignore[attr-defined]  # Else what was decided under other filters stays.


def _umask() -> int:
    """Returns the mask of new files. It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _handlers() -> dict[int, Any]:
    # None is a handler that was not set from Python. It cannot be set again either.
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    return {number: handler for number, handler in handlers.items() if handler is not None}


def _set_handlers(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)


def _decimal_context() -> dict[str, Any]:
    context = decimal.getcontext()
    numbers = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
    traps = [condition for condition, trapped in context.traps.items() if trapped]
    return {name: getattr(context, name) for name in numbers} | {"traps": traps}


def _set_builtins(names: Mapping[str, Any]) -> None:
    for added in vars(builtins).keys() - names.keys():
        delattr(builtins, added)
    vars(builtins).update(names)


def _limits() -> dict[int, tuple[int, int]]:
    return {limit: resource.getrlimit(limit) for limit in _LIMITS}


def _set_limits(limits: Mapping[int, tuple[int, int]]) -> None:
    for limit, values in limits.items():
        if resource.getrlimit(limit) != values:
            resource.setrlimit(limit, values)


def _is_traced() -> tuple[Any, Any]:
    return sys.gettrace(), sys.getprofile()


def _untrace(functions: tuple[Any, Any]) -> None:
    sys.settrace(functions[0])
    sys.setprofile(functions[1])


_STREAMS = [_attribute(sys, name, f"sys.{name}") for name in ("stdin", "stdout", "stderr")]
_HOOKS = [_attribute(sys, name, f"sys.{name}") for name in ("excepthook", "displayhook", "unraisablehook")]

PYTHON_SWITCHES = (
    Switch("the environment", lambda: dict(os.environ), _set_environment),
    Switch("the current folder", os.getcwd, os.chdir),
    Switch("the mask of new files", _umask, os.umask),
    _list(sys.path, "sys.path"),
    _list(sys.meta_path, "sys.meta_path"),
    _list(sys.path_hooks, "sys.path_hooks"),
    _list(sys.argv, "sys.argv"),
    *_STREAMS,
    *_HOOKS,
    Switch("Python's built-in names", lambda: dict(vars(builtins)), _set_builtins),
    Switch("the limit of recursion", sys.getrecursionlimit, sys.setrecursionlimit),
    Switch("the switch interval", sys.getswitchinterval, sys.setswitchinterval),
    Switch("the limit of digits", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    Switch("tracing", _is_traced, _untrace),
    Switch("garbage collection", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    Switch("the thresholds of garbage collection", gc.get_threshold, lambda values: gc.set_threshold(*values)),
    Switch("the filters of warnings", lambda: list(warnings.filters), _set_filters),
    Switch("the locale", lambda: locale.setlocale(locale.LC_ALL), lambda value: locale.setlocale(locale.LC_ALL, value)),
    Switch("the decimal context", _decimal_context, lambda values: decimal.setcontext(decimal.Context(**values))),
    Switch("the level of logging", lambda: logging.root.level, logging.root.setLevel),
    _list(logging.root.handlers, "the handlers of logging"),
    _attribute(logging.root.manager, "disable", "the disabled level of logging"),
    Switch("the handlers of signals", _handlers, _set_handlers),
    Switch(
        "the alarm",
        lambda: signal.getitimer(signal.ITIMER_REAL),
        lambda seconds: signal.setitimer(signal.ITIMER_REAL, *seconds),
    ),
    Switch(
        "the blocked signals",
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, []),
        lambda mask: signal.pthread_sigmask(signal.SIG_SETMASK, mask),
    ),
    Switch("the limits of the process", _limits, _set_limits),
    Switch(
        "the priority",
        lambda: os.getpriority(os.PRIO_PROCESS, 0),
        lambda value: os.setpriority(os.PRIO_PROCESS, 0, value),
    ),
    # Threads that exist keep theirs, so that only a new process is free of a change.
    Switch("the choice of processors", lambda: os.sched_getaffinity(0)),
    Switch("the stack size of threads", threading.stack_size, threading.stack_size),
    Switch("the time-out of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),
    _attribute(tempfile, "tempdir", "the folder of temporary files"),
    Switch(
        "the way to start processes",
        lambda: multiprocessing.get_start_method(allow_none=True),
        lambda method: multiprocessing.set_start_method(method, force=True),
    ),
)
