"""The code of a task: which of the user's own files it is made of, and fingerprints of them. Nothing is imported."""

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from study.space.cell_key import digest
from study.space.data_code import imported_function, statements_of_data, statements_of_function, text_for_data
from study.space.file_digest import file_digest
from study.space.module_files import module_files
from study.space.named_files import listed_files, named_files
from study.space.search_edits import extended
from study.space.task_loading import BUILT_IN, Refers, split_reference
from study.space.untrusted_task import is_untrusted
from study.space.user_files import is_users
from study.space.user_modules import folders_of, own_packages

_IMPORTING = {"import_module", "__import__"}


@dataclass(frozen=True)
class TaskCode:
    """The files of a task, by their path from the task's folder, each with the SHA-256 of its text."""

    files: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    """A digest of the code that `data` can reach. Comments do not count. Empty for a built-in task."""
    place: str = field(default="", compare=False)
    """The file that holds the task. The same files in another place are the same code."""

    @property
    def fingerprint(self) -> str:
        """One digest of all files. Empty for a built-in task, because its version is raised with each change."""
        return digest(dict(self.files))[:16] if self.files else ""

    def edited(self) -> list[str]:
        """Returns the names of the files that are no longer as they were when this was made."""
        folder = Path(self.place).parent
        return [name for name, digest in self.files.items() if _digest_now(folder / name) != digest]


UNKNOWN = TaskCode()
"""Stands for the code of a built-in task, and for code that is not known. It counts as equal to every code."""


def code_of(asked: Refers) -> TaskCode:
    """Returns the code of the task of a trial's configuration or of a search space."""
    return task_code(asked.reference, folder=Path())


def task_code(reference: str, *, folder: Path) -> TaskCode:
    """Returns the code of the task that `reference` names, seen from `folder`. A built-in or installed task has none.

    A file that cannot be read or parsed is left to the import of the task, which says why.
    """
    if reference in BUILT_IN or is_untrusted(reference):
        return UNKNOWN
    module, name = split_reference(reference)
    search = [*sys.path, str(Path.cwd())]
    # The last file holds the task, the others are the packages around it.
    own = _own_files((folder / module).resolve()) if module.endswith(".py") else module_files(module, search)
    if not own or not own[-1].is_file() or not is_users(own[-1]):
        return UNKNOWN
    start = own[-1]
    # A helper module may lie beside the task. Installed packages come first, then the folder of the task.
    search = sorted([*map(str, reversed(folders_of(start))), *search], key=is_users)
    search = _with_additions(own, search)
    code = _closure(own, search)
    try:
        named, data = _named(start, name, code), _digest_of_data(start, name, search)
    except RecursionError:  # An expression has a thousand levels. Then all of the code counts.
        named, data = [], ""
    files = {os.path.relpath(path, start.parent): _digest_now(path) for path in (*code, *named)}
    data = data or digest(files)
    return TaskCode(files, data, str(start))


def _with_additions(start: Sequence[Path], search: Sequence[str]) -> list[str]:
    """Returns the search path as it is once these files and all that they import have added their folders to it."""
    longer = extended(search, _closure(start, search))
    return longer if len(longer) == len(search) else _with_additions(start, longer)


def _own_files(path: Path) -> list[Path]:
    """Returns a task's file, behind the files that its packages run when it imports from them by dots."""
    return [*filter(Path.is_file, (folder / "__init__.py" for folder in own_packages(path))), path]


def _named(start: Path, task: str | None, code: Iterable[Path]) -> list[Path]:
    """Returns the files that a task lists under the name `files`, or else those that `data` and `build` name."""
    tree = _tree(start)
    if task is None:
        own = [*statements_of_function(tree, "data"), *statements_of_function(tree, "build")]
    else:
        own = statements_of_data(tree, task, "build")
    return _listed_or_named(start, {**{path: _tree(path).body for path in code}, start: own})


def _listed_or_named(start: Path, statements: Mapping[Path, Sequence[ast.stmt]]) -> list[Path]:
    """Returns the files that the task in the file `start` lists, or else those that these statements name."""
    listed = listed_files(_tree(start), start.parent)
    if listed is not None:
        return listed
    return sorted({file for path, nodes in statements.items() for file in named_files(nodes, path.parent)})


def _digest_of_data(start: Path, task: str | None, search: Sequence[str]) -> str:
    """Returns a digest of the code that `data` can reach in the file of a task and in the files that this imports.

    The files that this code names count too, because `data` may read them.
    """
    place, statements = _statements_of_data(start, task, search)
    imported = _closure(_imports((inner for node in statements for inner in ast.walk(node)), place, search), search)
    bodies = {path: _tree(path).body for path in imported}
    texts = [*map(text_for_data, (statements, *bodies.values()))]
    named = _listed_or_named(start, {**bodies, place: statements})
    digests = {os.path.relpath(path, start.parent): file_digest(path) for path in named}
    return digest([*texts, *([digests] if named else [])])


def _statements_of_data(start: Path, task: str | None, search: Sequence[str]) -> tuple[Path, list[ast.stmt]]:
    """Returns the file in which the task's `data` stands, and what `data` can reach in it."""
    tree = _tree(start)
    elsewhere = imported_function(tree, "data") if task is None else None
    if elsewhere and (files := list(_imports(elsewhere[:1], start, search))):
        return files[-1], statements_of_function(_tree(files[-1]), elsewhere[1])
    return start, statements_of_data(tree, task)


def _sha256(path: Path) -> str:
    # Git and editors may change the ends of lines, which changes nothing else.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _digest_now(path: Path) -> str:
    try:
        return _sha256(path) if path.suffix == ".py" else file_digest(path)
    except OSError:
        return ""


def _closure(start: Iterable[Path], search: Sequence[str]) -> list[Path]:
    """Returns the user's files that can be reached from these by imports, these included."""
    waiting, reached = list(start), set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _imports(ast.walk(_tree(path)), path, search)
    return sorted(reached)


def _tree(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # The import of this file says so better.
        return ast.Module([], [])


def _imports(nodes: Iterable[ast.AST], path: Path, search: Sequence[str]) -> Iterator[Path]:
    """Yields the user's files that these nodes import, wherever they stand."""
    for node in nodes:
        if isinstance(node, ast.Import):
            names, where = [alias.name for alias in node.names], search
        elif isinstance(node, ast.ImportFrom):
            # `from a import b` may name the module a.b.
            names = [".".join(filter(None, (node.module, alias.name))) for alias in node.names]
            where = [str(path.parents[node.level - 1])] if node.level else search
        elif isinstance(node, ast.Call):
            names, where = _imported_by_call(node), search
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".py"):
            yield from _named_file(path.parent / node.value)
            continue
        else:
            continue
        for name in names:
            yield from (file for file in module_files(name, where) if is_users(file))


def _named_file(path: Path) -> Iterator[Path]:
    """Yields a file that a text names, because the code may load it by its path; nothing if there is none."""
    try:
        if path.is_file() and is_users(path):
            yield path.resolve()
    except (OSError, ValueError):  # The text is too long for a name, or holds a NUL.
        return


def _imported_by_call(node: ast.Call) -> list[str]:
    """Returns the name in `import_module("name")` or `__import__("name")`; nothing for any other call."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    names = [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
    return [name for name in names if isinstance(name, str) and name] if called in _IMPORTING else []
