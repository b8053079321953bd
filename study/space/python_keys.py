"""Reads a search space that is given in Python: the keys of a search-space file, as a dictionary."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from study.errors import Problem, SearchSpaceError, TaskError
from study.space.hints import one_line, short
from study.space.search_space import SearchSpace
from study.space.task_reference import reference_of
from study.space.toml_file import read_document
from study.task import plain

_NAMELESS = "study"


def read_keys(keys: Mapping[str, Any], *, folder: Path) -> SearchSpace:
    """Read the search space that these keys declare. The task's file is searched for in `folder`.

    The keys are those of a file. A value may also be a tuple, a range, a NumPy array or number, or a path, and the task
    may be a module or an object in one. A key that is None counts as absent. Without a name, the study is called like
    the file or the module of its task.

    Raises SearchSpaceError with every problem. Each problem names its key.
    """
    problems: list[Problem] = []
    try:
        document = _plain({key: value for key, value in keys.items() if value is not None}, "", problems)
        document |= {"task": reference_of(keys["task"])} if keys.get("task") is not None else {}
    except TaskError as error:
        problems.append(Problem("task", str(error)))
    except RecursionError:
        raise SearchSpaceError(["the keys are nested far too deeply"]) from None
    if problems:
        raise SearchSpaceError(map(str, problems))
    return read_document(document, path=folder / f"{_default_name(document)}.toml")


def _default_name(document: Mapping[str, Any]) -> str:
    """Returns the name of the task's file or module: `digits` of `./digits.py:task` and of `my_project.digits`."""
    task = document.get("task")
    if not isinstance(task, str):
        return _NAMELESS
    place = task.rpartition(":")[0] or task
    return Path(place).stem if place.endswith(".py") else place.rpartition(".")[2] or _NAMELESS


def _plain(value: Any, key: str, problems: list[Problem]) -> Any:
    """Returns a value as a file would give it: lists for tuples, and Python's numbers for NumPy's."""
    if isinstance(value, Mapping):
        if wrong := [name for name in value if not isinstance(name, str)]:
            problems.append(Problem(key or "keys", f"each name must be a text, not {one_line(short(wrong[0]))}"))
        within = f"{key}." if key else ""
        return {str(name): _plain(inner, f"{within}{name}", problems) for name, inner in value.items()}
    if isinstance(value, Path):
        return str(value)
    value = plain(value)
    if isinstance(value, list | tuple | range) or getattr(value, "ndim", None):
        return [_plain(item, key, problems) for item in value]
    return value
