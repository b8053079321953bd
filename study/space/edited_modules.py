"""Forgets modules of the user whose files were edited since they were loaded, because a notebook lives long."""

import sys
from pathlib import Path

from study.space.task_code import TaskCode

_loaded: list[TaskCode] = []
"""The codes of the tasks that were loaded, as they were then."""


def note_loaded(code: TaskCode) -> None:
    """Remember that a task with this code was loaded."""
    if all(other.place != code.place or other != code for other in _loaded):
        _loaded.append(code)


def forget_edited() -> None:
    """Have the modules of each edited task imported anew when they are next asked for."""
    for code in [code for code in _loaded if code.edited()]:
        _loaded.remove(code)
        folder = Path(code.place).parent
        _forget({(folder / name).resolve() for name in code.files})


def _forget(files: set[Path]) -> None:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__dict__", {}).get("__file__")
        if name != "__main__" and isinstance(file, str) and Path(file).resolve() in files:
            del sys.modules[name]
