"""Where the user's own code stands, as the messages about it say."""

import inspect
from pathlib import Path
from typing import Any

from study.space.function_task import FunctionTask


def line_of(task: object, method: str) -> str:
    """Returns the place of a task's function: `task.py, line 12`; the task's type if no file has it."""
    if isinstance(task, FunctionTask):
        signature = task.signatures[method]
        return f"{signature.file}, line {signature.line}"
    function: Any = inspect.unwrap(getattr(task, method))
    code = getattr(function, "__code__", None)
    if code is None:
        return type(task).__name__
    return f"{Path(code.co_filename).name}, line {code.co_firstlineno}"
