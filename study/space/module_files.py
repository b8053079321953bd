"""The files of a module that is known by its name. Nothing is imported."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def module_file(name: str, search: Sequence[str]) -> Path | None:
    """Returns the Python file of a module; None if there is none, as for Python's own modules."""
    files = module_files(name, search)
    last = name.rpartition(".")[2]
    found = files[-1] if files else None
    return found if found and last in (found.stem, found.parent.name if found.stem == "__init__" else None) else None


def module_files(name: str, search: Sequence[str]) -> list[Path]:
    """Returns the Python files that importing a dotted name runs, packages first, as far as they can be found."""
    files: list[Path] = []
    where: Sequence[str] | None = search
    for number, part in enumerate(name.split(".")):
        # By its last part alone, because Python finds a.b only if a is imported.
        spec = PathFinder.find_spec(part, list(where or ())) if number else _spec(part, where)
        if spec is None:
            break
        if spec.origin and spec.origin.endswith(".py"):
            files.append(Path(spec.origin).resolve())
        where = spec.submodule_search_locations
    return files


def _spec(name: str, where: Sequence[str] | None) -> ModuleSpec | None:
    if where is None or name in sys.stdlib_module_names:
        return None
    # By its last part alone: a folder without __init__.py would look for the module of its parent, which is not loaded.
    spec = PathFinder.find_spec(name.rpartition(".")[2], list(where))
    if spec is None:
        try:  # A package that is installed as a link to a checkout has a finder of its own.
            return importlib.util.find_spec(name)
        except (ValueError, ImportError):
            return None
    return spec
