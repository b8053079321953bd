"""Loads a task by its name: imports the user's code, and checks what it provides."""

import importlib
import importlib.util
import re
import sys
import traceback
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from study.errors import TaskError
from study.space.user_modules import (
    NameTakenError,
    TakenName,
    check_names,
    folders_of,
    forget_helpers_elsewhere,
    own_packages,
    search_behind,
    taken_names,
)
from study.task import Fidelity, Setting, Task, metric_groups, packages

BUILT_IN = {"qr_digits": "study.tasks.qr_digits:task"}
_TAKEN = {
    **dict.fromkeys(vars(Fidelity(1, 1, 1)), "a part of the fidelity; give it another name"),
    "seed": "the trial's own seed; give it another name, such as 'data_seed'",
}
"""Names that no setting may have, because a trial's tags, its table or its file would then hold two values of one name.
"""
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

    It names a built-in task, or is `package.module:name`, or `./file.py:name` relative to `folder`. Raises TaskError
    with one line that says what is wrong.
    """
    task = _import(reference, folder)
    if not re.fullmatch(r"\w[\w-]*", str(task.name)):
        raise TaskError(f"task {reference!r}: its name must be letters, digits, '_' and '-', not {task.name!r}")
    if problem := _misfit(task):
        raise TaskError(f"task {reference!r} {problem}")
    return task  # type: ignore[no-any-return]


def _import(reference: str, folder: Path) -> Any:
    """Import the object that `reference` names. Raises TaskError if that fails, or if a part of a task is missing."""
    module_name, _, name = BUILT_IN.get(reference, reference).rpartition(":")
    if not module_name or not name or "\0" in reference:
        raise TaskError(f"no such task: {reference!r}; give {_ways()}")
    search_behind(Path.cwd())
    try:
        task = getattr(_module(module_name, folder), name)
        missing = [part for part in _PARTS if not hasattr(task, part)]
    except NameTakenError as error:
        raise TaskError(f"task {reference!r}: {error}") from None
    except (Exception, SystemExit) as error:  # A user's module may raise anything at all while it is imported.
        hints = [f"; {taken}" for taken in _taken_names(module_name, folder) if taken.name in str(error)]
        problem = f"{type(error).__name__}: {error}{''.join(hints)}{_place(error, module_name)}"
        raise TaskError(f"task {reference!r} cannot be imported: {problem}") from error
    if missing:
        raise TaskError(f"task {reference!r} lacks {', '.join(missing)}; a task provides {', '.join(_PARTS)}")
    return task


def _place(error: BaseException, module_name: str) -> str:
    """Returns the line of the task's file that raised the error, as an addition; empty if it was none of its lines."""
    name = Path(module_name).name if module_name.endswith(".py") else f"{module_name.rpartition('.')[2]}.py"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == name and frame.lineno]
    return f" ({name}, line {lines[-1]})" if lines else ""


def _ways() -> str:
    return f"{', '.join(map(repr, BUILT_IN))}, 'package.module:name' or './file.py:name'"


def _taken_names(module_name: str, folder: Path) -> list[TakenName]:
    return taken_names((folder / module_name).resolve()) if module_name.endswith(".py") else []


def _module(name: str, folder: Path) -> Any:
    return _from_file(folder / name) if name.endswith(".py") else importlib.import_module(name)


def _from_file(path: Path) -> Any:
    path = path.resolve()
    # Each file becomes one module, even if it is named often, so that its task is the same object everywhere.
    name = f"study_task_{zlib.crc32(bytes(path)):08x}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    for folder in folders_of(path):
        search_behind(folder)
    forget_helpers_elsewhere(path)
    check_names(path)
    if packages_of_file := own_packages(path):
        return _from_package(path, packages_of_file)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _from_package(path: Path, folders: Sequence[Path]) -> Any:
    """Import a file as a part of the packages around it, the outermost first, because it imports from them by dots.

    They become parts of a package that has a name of its own, so that no other package can have it.
    """
    outer = f"study_package_{zlib.crc32(bytes(folders[0])):08x}"
    sys.modules.setdefault(outer, ModuleType(outer)).__path__ = [str(folders[0].parent)]
    return importlib.import_module(".".join([outer, *(folder.name for folder in folders), path.stem]))


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
    return _settings_misfit(task.settings) or _packages_misfit(packages(task)) or _groups_misfit(metric_groups(task))


def _settings_misfit(settings: Any) -> str | None:
    if not isinstance(settings, Mapping) or not all(isinstance(setting, Setting) for setting in settings.values()):
        return f"has the settings {settings!r}; they must map each name to a Setting"
    if misnamed := [name for name in settings if not _is_name(name)]:
        return (
            f"has a setting {misnamed[0]!r}; a name must be a text of printable characters without blanks at its ends"
        )
    if taken := [name for name in settings if name in _TAKEN]:
        return f"has a setting {taken[0]!r}, which is the name of {_TAKEN[taken[0]]}"
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


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
