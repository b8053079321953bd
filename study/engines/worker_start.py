"""Starts the process of a worker: what Python reads only once, when it starts, is set for it here."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType

from study.engines.left_processes import MARK
from study.engines.stop_signals import STOP_SIGNALS
from study.engines.worker import serve
from study.space.user_modules import user_folders

# Spawn, never fork: TensorFlow's threads do not survive a fork.
SPAWN = multiprocessing.get_context("spawn")
_FIXED = {
    # The order of a set of texts depends on it, and with it the order of whatever a task makes from such a set.
    "PYTHONHASHSEED": "0",
    # Without it, a user's random.py in the current folder hides Python's own before anything else is imported.
    "PYTHONSAFEPATH": "1",
}


def start_worker(pipe: Connection, function: str, environment: Mapping[str, str], *, mark: str) -> SpawnProcess:
    """Start a process that serves this end of a pipe. The user's modules come last in its search path.

    The worker, and whatever it starts, has the mark in its environment.
    """
    folders = user_folders()
    given = {"PYTHONSAFEPATH": os.environ.get("PYTHONSAFEPATH", "")}
    process = SPAWN.Process(target=serve, args=(pipe, function, {**given, **environment}, folders))
    with _variables(_FIXED), _search_path_without(folders), _without_main():
        # Python starts this helper together with the first process. It serves all workers, and so bears no mark.
        _without_signals(resource_tracker.ensure_running)
        with _variables({MARK: mark}):
            _without_signals(process.start)
    return process


@contextmanager
def _variables(fixed: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process's environment, which a new process inherits, and take them back."""
    before = {name: os.environ.get(name) for name in fixed}
    os.environ.update(fixed)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _search_path_without(folders: list[str]) -> Iterator[None]:
    """Leave folders out of the search path, which a new process inherits."""
    before = list(sys.path)
    sys.path[:] = [name for name in before if name not in folders]
    try:
        yield
    finally:
        sys.path[:] = before


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the user's script or notebook, because Python would run a script again in the new process.

    A script without `if __name__ == "__main__":` would then start the study once more.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _without_signals(start: Callable[[], None]) -> None:
    """Start a process while Ctrl-C and its like are held back. It inherits this until it has handlers of its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
