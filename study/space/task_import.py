"""Imports a user's module: a file by its path, or a module by its name."""

import difflib
import importlib
import importlib.util
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from study.errors import TaskError
from study.space.user_files import raised_at
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


def from_module(reference: str, module: str, folder: Path, get: Callable[[Any], Any]) -> Any:
    """Import a module, and return what `get` takes from it. A path to a file is relative to `folder`.

    Raises TaskError with one line that says what is wrong. It begins with the `reference` of the task.
    """
    search_behind(Path.cwd())
    try:
        return get(_module(module, folder))
    except NameTakenError as error:
        raise TaskError(f"task {reference!r}: {error}") from None
    except (Exception, SystemExit) as error:  # A user's module may raise anything at all while it is imported.
        hints = [_path_hint(error, module, folder)]
        hints += [f"; {taken}" for taken in _taken_names(module, folder) if taken.name in str(error)]
        problem = f"{type(error).__name__}: {error}{''.join(hints)}{raised_at(error)}"
        raise TaskError(f"task {reference!r} cannot be imported: {problem}") from error


def _path_hint(error: BaseException, module: str, folder: Path) -> str:
    """Returns the end of a message about a module that was not found by its name, but could be by its path."""
    path = f"{module.replace('.', '/')}.py"
    absent = isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}.")
    found = absent and not module.endswith(".py") and (folder / path).is_file()
    return f"; a name is searched for from the current folder: give './{path}'" if found else ""


def _taken_names(module: str, folder: Path) -> list[TakenName]:
    return taken_names((folder / module).resolve()) if module.endswith(".py") else []


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


def like(path: Path) -> str:
    """Returns the end of a message about a missing file: the Python file beside it that was probably meant."""
    names = [file.name for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
