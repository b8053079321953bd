"""Where the user's own modules are searched for: behind every installed package, so that they never hide one.

A user may have a `study.py`, a `random.py` or a `keras.py` beside the task. Keras and this package must not import it.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from study.files import is_file

_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]
_added: list[str] = []
"""The folders that `search_behind` has added to Python's search path."""
OWN_PACKAGES = {"study", "analysis", "keras", "tensorflow", "jax", "torch", "numpy", "pandas", "scipy", "sklearn"}


def folders_of(file: Path) -> list[Path]:
    """Returns the folders in which a task's file finds modules: its own and, if it is part of a package, the package's.

    The last one comes first in a search.
    """
    folder = package_folder(file)
    return [file.parent] if folder == file.parent else [folder, file.parent]


def package_folder(file: Path) -> Path:
    """Returns the folder that holds the package around a file; the file's own folder if there is no package."""
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def own_packages(file: Path) -> list[Path]:
    """Returns the folders of the packages around a file that imports from them with leading dots, the outermost first.

    Empty if it does not import in this way. A folder without __init__.py is a package, too, as far as the dots reach.
    """
    dots = max((node.level for node in ast.walk(_tree(file)) if isinstance(node, ast.ImportFrom)), default=0)
    outer = package_folder(file)
    folders = [folder for folder in file.parents[:-1] if outer in folder.parents]
    return list(reversed(file.parents[: max(dots, len(folders))])) if dots else []


def search_behind(folder: Path) -> None:
    """Let Python find modules in a folder, behind all packages, but before the folders that were added earlier."""
    name = str(folder.resolve())
    if name in sys.path and name not in _added:
        return
    for names in (sys.path, _added):
        if name in names:
            names.remove(name)
    first = min((sys.path.index(earlier) for earlier in _added if earlier in sys.path), default=len(sys.path))
    sys.path.insert(first, name)
    _added.append(name)


def forget_helpers_elsewhere(file: Path) -> None:
    """Forget modules that lie beside another task, if this file imports modules of the same names from beside it."""
    for name in set(_imported_names(file)):
        origin = getattr(sys.modules.get(name), "__file__", None)
        helper = _beside(file, name)
        if origin and helper and Path(origin).resolve() != helper.resolve() and _is_beside_a_task(Path(origin)):
            for module in [other for other in sys.modules if other == name or other.startswith(f"{name}.")]:
                del sys.modules[module]


def _is_beside_a_task(file: Path) -> bool:
    return not {str(folder) for folder in file.resolve().parents[:2]}.isdisjoint(_added)


def user_folders() -> list[str]:
    """Returns the folders on Python's search path that hold the user's modules: the current one and those of tasks."""
    names = {*_added, "", str(Path.cwd())} - {str(_PACKAGE_FOLDER)}
    return [name for name in sys.path if name in names]


@dataclass(frozen=True)
class TakenName:
    """A module beside a task that the task cannot import, because Python finds another one of that name."""

    name: str
    helper: Path
    """The module beside the task."""
    other: str
    """What Python finds instead."""

    @property
    def means_other(self) -> bool:
        """Whether a task that imports this name nearly always means the package, not the module beside it."""
        return self.name in OWN_PACKAGES or self.name in sys.stdlib_module_names

    def __str__(self) -> str:
        own = self.helper.parent if self.helper.stem == "__init__" else self.helper
        return f"`import {self.name}` finds {self.other}, not {own}; rename {own.name}"


def taken_names(file: Path) -> list[TakenName]:
    """Returns the names that a Python file imports, that a module beside it has, and that Python finds elsewhere."""
    helpers = ((name, _beside(file, name)) for name in sorted(set(_imported_names(file))))
    return [TakenName(name, helper, other) for name, helper in helpers if helper and (other := _other(name, helper))]


class NameTakenError(ImportError):
    """A task would import a package where it means the module beside it."""


def check_names(file: Path) -> None:
    """Raise NameTakenError if a Python file imports the name of a module beside it, but would get another one."""
    for taken in taken_names(file):
        if not taken.means_other:
            raise NameTakenError(str(taken))


def _tree(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):  # The import of this file says so better.
        return ast.Module([], [])


def _imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _beside(file: Path, name: str) -> Path | None:
    """Returns the module or package of this name in the file's folder, if there is one."""
    candidates = (file.with_name(f"{name}.py"), file.parent / name / "__init__.py")
    return next((path for path in candidates if is_file(path)), None)


def _other(name: str, helper: Path) -> str:
    """Returns the place of the module that Python finds for a name; empty if that is the helper or nothing."""
    module = sys.modules.get(name)
    try:
        spec = module.__spec__ if module else importlib.util.find_spec(name)
    except (ValueError, ImportError):
        return ""
    if spec is None or (spec.has_location and spec.origin and Path(spec.origin).resolve() == helper.resolve()):
        return ""
    return str(spec.origin) if spec.has_location else f"Python's own {name}"
