"""The state of a worker's process: remembered before the first trial, and put back after each one.

A trial runs a user's code, which may change anything in the process. What it changed must not reach the next trial.
"""

import functools
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from study.space.user_files import is_users

_GRACE_SECONDS = 0.2
"""How long a thread that is about to end may still take."""
_DISPLAY_THREADS = {"TMonitor"}
"""Classes of threads that only draw: tqdm's, which lives as long as its process."""
_MAIN_MODULES = {"__main__", "__mp_main__"}
_OPEN_FILES = Path("/dev/fd")
_MOST_OPEN = 100
"""How many files more than at first may be open: a few belong to libraries, and a process has no more than 1,024."""


@dataclass(frozen=True)
class Switch:
    """Something in a process that code can set for all code that runs after it."""

    name: str
    read: Callable[[], Any]
    """Returns a value that later changes do not reach."""
    write: Callable[[Any], object] | None = None
    """Sets a value again; None if only a new process helps."""


class ProcessState:
    """The values that some switches have when this is made."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._values = [(switch, switch.read()) for switch in switches]
        self._threads = set(threading.enumerate())
        self._children = set(_child_processes())
        self._modules = set(sys.modules)
        self._open_files = _count_open_files()

    def restore(self) -> list[str]:
        """Put every switch back, and forget the user's modules. Returns what only a new process is free of."""
        changed = [switch.name for switch, value in self._values if not _put_back(switch, value)]
        forget_user_modules()
        forget_made_modules(self._modules)
        return [*(f"{name} was changed" for name in changed), *self._left_behind()]

    def _left_behind(self) -> Iterator[str]:
        for thread in set(threading.enumerate()) - self._threads:
            if type(thread).__name__ not in _DISPLAY_THREADS and not _ends_soon(thread):
                yield f"the thread {thread.name!r} still runs"
        if (more := _count_open_files() - self._open_files) > _MOST_OPEN:
            yield f"{more} files are still open"
        multiprocessing.active_children()  # This clears away those of its processes that have ended.
        yield from (f"the process {child} still runs" for child in set(_child_processes()) - self._children)


def forget_user_modules() -> None:
    """Have the user's modules imported anew, because their variables may hold something of an earlier trial."""
    modules = list(sys.modules.items())
    for name in [name for name, module in modules if name not in _MAIN_MODULES and _is_user_module(module)]:
        del sys.modules[name]


def forget_made_modules(known: Set[str]) -> None:
    """Forget the modules that code has put together by hand and given a name that was not known."""
    for name in [name for name in sys.modules if name not in known and name not in _MAIN_MODULES]:
        module = sys.modules[name]
        if type(module) is ModuleType and module.__spec__ is None and not hasattr(module, "__file__"):
            del sys.modules[name]


def _count_open_files() -> int:
    return sum(1 for _ in _OPEN_FILES.iterdir()) if _OPEN_FILES.is_dir() else 0


def _is_user_module(module: ModuleType) -> bool:
    """Whether a module is Python code of the user, or a folder of such code. Compiled code cannot be loaded twice."""
    # Not by getattr, because a module that loads itself when it is first asked for anything would do so now.
    names = getattr(module, "__dict__", {})
    # A folder without __init__.py has no file. It must go too, because it holds its modules as attributes.
    places = [file] if (file := names.get("__file__")) else list(names.get("__path__", ()))[:1]
    return any(isinstance(place, str) and _is_users(place) for place in places)


@functools.cache
def _is_users(place: str) -> bool:
    return Path(place).suffix in (".py", "") and is_users(place)


def _put_back(switch: Switch, value: Any) -> bool:
    """Set a switch to a value, unless it has it. Returns whether it has it now."""
    if _has(switch, value):
        return True
    if switch.write is None:
        return False
    try:
        switch.write(value)
    except Exception:  # Each switch has errors of its own; that it has another value is all that matters.
        return False
    return _has(switch, value)


def _has(switch: Switch, value: Any) -> bool:
    try:
        return bool(switch.read() == value)
    except Exception:  # The current folder, for example, may have been deleted.
        return False


def _ends_soon(thread: threading.Thread) -> bool:
    thread.join(_GRACE_SECONDS)
    return not thread.is_alive()


def _child_processes() -> Iterator[str]:
    """Yields the running children of this process as `123 (name)`, on systems that list them."""
    for file in Path("/proc/self/task").glob("*/children"):
        for number in file.read_text(encoding="ascii").split():
            name, alive = _process(number)
            if alive:
                yield f"{number} ({name})"


def _process(number: str) -> tuple[str, bool]:
    """Returns the name of a process, and whether it is alive rather than ended and not yet waited for."""
    try:
        text = Path("/proc", number, "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", False
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, rest.split()[0] not in ("Z", "X")


_remembered: list[ProcessState] = []
"""The state that `restore` puts back, once there is one."""


def remember(switches: Iterable[Switch]) -> None:
    """Remember the state of this process, as what every later trial shall begin with."""
    _remembered[:] = [ProcessState(switches)]


def is_remembered() -> bool:
    """Whether this is the process of a worker, which is put back after each trial."""
    return bool(_remembered)


def restore() -> list[str]:
    """Put back what was remembered. Returns, in words, what only a new process is free of."""
    return [problem for state in _remembered for problem in state.restore()]
