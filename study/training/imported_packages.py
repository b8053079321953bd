"""The versions of the installed packages that a task's own code imports: they may decide its numbers."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from study.space.task_code import TaskCode

_OWN = {"study"}


def package_versions(code: TaskCode, *, known: Mapping[str, object]) -> dict[str, str]:
    """Returns the version of each package that the code imports, by the package's name; without those in `known`."""
    names = {name for path in code.files for name in _imported(Path(code.place).parent / path)}
    names -= {*known, *sys.stdlib_module_names, *_OWN}
    packages = {package for name in names for package in _distributions().get(name, ())}
    return {package: metadata.version(package) for package in sorted(packages - {*known})}


@cache  # To ask for all of them takes a tenth of a second.
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _imported(path: Path) -> Iterator[str]:
    """Yields the first part of each name that a file imports, wherever the import stands."""
    try:
        nodes = ast.walk(ast.parse(path.read_bytes()))
    except (OSError, SyntaxError, ValueError):  # The import of this file says so better.
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]
