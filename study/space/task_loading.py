"""Loads a task by its name, and checks what it provides."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

from study.errors import TaskError
from study.files import is_file
from study.space.function_settings import REQUIRED
from study.space.function_task import function_task
from study.space.hints import did_you_mean
from study.space.module_files import module_file
from study.space.task_import import from_module, like
from study.space.untrusted_task import check_trusted
from study.task import TAKEN, Fidelity, Setting, Task, metric_groups, packages, scores_by_chance

BUILT_IN = {"qr_digits": "study.tasks.qr_digits:task"}
_PARTS = ("name", "version", "settings", "fidelity", "problems", "data", "build")


class Refers(Protocol):
    """A trial's configuration, or a search space."""

    @property
    def reference(self) -> str: ...


def task_of(asked: Refers) -> Task:
    """Returns the task of a trial's configuration or of a search space. Raises TaskError if it cannot be loaded."""
    return load_task(asked.reference, folder=Path())


def load_task(reference: str, *, folder: Path) -> Task:
    """Returns the task that `reference` names.

    It names a built-in task; or a file of functions, `./file.py` relative to `folder`, or as a module
    `package.module`; or an object in such a file, `./file.py:name` or `package.module:name`. Raises TaskError with one
    line that says what is wrong.
    """
    check_trusted(reference)
    module, name = split_reference(reference)
    task = _of_functions(reference, module, folder) if name is None else _object(reference, module, name, folder)
    if not re.fullmatch(r"\w[\w-]*", str(task.name)):
        raise TaskError(f"task {reference!r}: its name must be letters, digits, '_' and '-', not {task.name!r}")
    if problem := _misfit(task):
        raise TaskError(f"task {reference!r} {problem}")
    return task  # type: ignore[no-any-return]


def split_reference(reference: str) -> tuple[str, str | None]:
    """Returns the file or module of a task, and the name of its object; None if it is a file of functions."""
    module, colon, name = BUILT_IN.get(reference, reference).rpartition(":")
    return (module, name) if colon else (name, None)


def absolute_reference(reference: str, *, folder: Path) -> str:
    """Returns the name by which workers load a task. A file gets its whole path, because they may run elsewhere."""
    module, name = split_reference(reference)
    if not module.endswith(".py"):
        return reference
    file = str((folder / module).resolve())
    return file if name is None else f"{file}:{name}"


def _of_functions(reference: str, module: str, folder: Path) -> Any:
    """Returns the task of the functions in a file or module."""
    file = None if "\0" in module or not module else _file(module, folder)
    if file is None:
        raise TaskError(f"no such task: {reference!r}; {_meant(module, folder) or f'give {_ways()}'}")
    if not is_file(file):
        raise TaskError(f"task {reference!r}: no such file: {file}{like(file)}")
    name = file.parent.name if file.stem == "__init__" else file.stem
    if not re.fullmatch(r"\w[\w-]*", name):
        raise TaskError(f"task {reference!r}: a file of functions must be named with letters, digits, '_' and '-'")
    return function_task(file, name=name, module=lambda: from_module(reference, module, folder, lambda found: found))


def _file(module: str, folder: Path) -> Path | None:
    if module.endswith(".py"):
        return (folder / module).resolve()
    return module_file(module, [*sys.path, str(Path.cwd())])


def _meant(module: str, folder: Path) -> str:
    """Returns the file that was probably meant by a name without `.py`; empty if there is none."""
    names = [name for name in (f"{module}.py", f"{module.replace('.', '/')}.py") if "\0" not in name]
    file = next((name for name in names if module and is_file(folder / name)), "")
    return f"did you mean './{file.removeprefix('./')}'?" if file else ""


def _object(reference: str, module: str, name: str, folder: Path) -> Any:
    """Import the object that `reference` names. Raises TaskError if that fails, or if a part of a task is missing."""
    if not module or not name or "\0" in reference:
        raise TaskError(f"no such task: {reference!r}; give {_ways()}")

    found = from_module(reference, module, folder, lambda found: found)
    if not hasattr(found, name):
        functions = all(callable(getattr(found, part, None)) for part in REQUIRED)
        hint = f"; its functions are a task: write {module!r}" if functions else did_you_mean(name, vars(found))
        raise TaskError(f"task {reference!r} names {name!r}, which {module} does not define{hint}")

    def with_missing(found: Any) -> tuple[Any, list[str]]:
        task = getattr(found, name)
        return task, [part for part in _PARTS if not hasattr(task, part)]

    task, missing = from_module(reference, module, folder, with_missing)
    if missing and name in REQUIRED and callable(task):
        raise TaskError(f"task {reference!r} is a function; the functions of a file are a task: write {module!r}")
    if missing:
        raise TaskError(f"task {reference!r} lacks {', '.join(missing)}; a task provides {', '.join(_PARTS)}")
    return task


def _ways() -> str:
    return f"{', '.join(map(repr, BUILT_IN))}, './file.py', 'package.module' or './file.py:name'"


def _misfit(task: Any) -> str | None:
    """Returns what is wrong with the parts of a task, or None if nothing is.

    A task is the user's code, and nothing else checks it before it is used.
    """
    if isinstance(task, type):
        return f"is a class; name an instance of it, as in task = {task.__name__}()"
    if isinstance(task.version, bool) or not isinstance(task.version, int):
        return f"has the version {task.version!r}; it must be a whole number"
    if not isinstance(task.fidelity, Fidelity):
        return f"has the fidelity {task.fidelity!r}; it must be a Fidelity"
    misfit = _settings_misfit(task.settings) or _packages_misfit(packages(task)) or _groups_misfit(metric_groups(task))
    return misfit or _chance_misfit(scores_by_chance(task))


def _settings_misfit(settings: Any) -> str | None:
    if not isinstance(settings, Mapping) or not all(isinstance(setting, Setting) for setting in settings.values()):
        return f"has the settings {settings!r}; they must map each name to a Setting"
    if misnamed := [name for name in settings if not _is_name(name)]:
        return (
            f"has a setting {misnamed[0]!r}; a name must be a text of printable characters without blanks at its ends"
        )
    if taken := [name for name in settings if name in TAKEN]:
        return f"has a setting {taken[0]!r}, which is the name of {TAKEN[taken[0]]}"
    if unknown := sorted({other for setting in settings.values() for other in setting.only} - set(settings)):
        return f"has a setting that acts `only` at levels of {unknown[0]!r}, which is not one of its settings"
    return None


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and bool(name) and name.isprintable() and name == name.strip()


def _packages_misfit(names: Any) -> str | None:
    if isinstance(names, str) or not isinstance(names, Sequence) or not _are_texts(names):
        return f"has the packages {names!r}; they must be a list of names, such as ('scipy',)"
    for name in names:
        try:
            metadata.version(name)
        except (metadata.PackageNotFoundError, ValueError):
            return f"names the package {name!r}, which is not installed; install it, or leave it out of `packages`"
    return None


def _groups_misfit(groups: Any) -> str | None:
    if not isinstance(groups, Mapping) or not _are_texts([*groups, *groups.values()]):
        return f"has the metric_groups {groups!r}; they must map each name to a regular expression"
    for name, pattern in groups.items():
        try:
            numbers = re.compile(pattern).groups
        except re.error as error:
            return f"has the metric group {name!r}, whose {pattern!r} is not a regular expression: {error}"
        if numbers != 1:
            return f"has the metric group {name!r}, whose {pattern!r} must have one pair of brackets, not {numbers}"
    return None


def _chance_misfit(scores: Any) -> str | None:
    if isinstance(scores, Mapping) and _are_texts(scores) and all(map(_is_number, scores.values())):
        return None
    return f"has the scores_by_chance {scores!r}; they must map metrics to numbers, such as {{'val_accuracy': 0.1}}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
