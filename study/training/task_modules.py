"""The modules of a task in this process: they may keep something in their variables."""

import sys
from pathlib import Path
from types import ModuleType

from study.space.task_code import TaskCode


def task_modules(code: TaskCode) -> dict[str, ModuleType]:
    """Returns the loaded modules of a task by their files, as the code names these. A built-in task has none."""
    folder = Path(code.place).parent
    names = {str((folder / name).resolve()): name for name in code.files}
    files = ((module, vars(module).get("__file__")) for module in list(sys.modules.values()) if module is not None)
    return {names[file]: module for module, file in files if isinstance(file, str) and file in names}


def forget_task_modules(code: TaskCode) -> None:
    """Have a task's modules imported anew."""
    forgotten = {id(module) for module in task_modules(code).values()}
    for name in [name for name, module in list(sys.modules.items()) if id(module) in forgotten]:
        del sys.modules[name]
