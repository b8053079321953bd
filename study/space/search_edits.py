"""The folders that a Python file adds to Python's search path, as its text says. The file is not run."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from study.space.path_expressions import names_of, value_of

_WORDS = (b"sys.path", b"addsitedir")


def extended(search: Sequence[str], files: Iterable[Path]) -> list[str]:
    """Returns a search path with the folders that these files add to it, at the end to which they add them."""
    search = list(search)
    for file in files:
        for folder, first in _added_folders(file):
            if folder not in search:
                search.insert(0 if first else len(search), folder)
    return search


def _added_folders(file: Path) -> Iterator[tuple[str, bool]]:
    """Yields each folder that a file adds, and whether it is searched first."""
    text = file.read_bytes()
    if not any(word in text for word in _WORDS):
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # The import of this file says so better.
        return
    names = names_of(tree.body, file)
    for node in ast.walk(tree):
        for folder, first in _added(node):
            if (value := value_of(folder, names)) is not None:
                yield str(value), first


def _added(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """Yields what a node adds to `sys.path`, and whether it is searched first."""
    match node:
        case ast.Call(func=ast.Attribute(attr="insert", value=path), args=[_, folder]) if _is_search_path(path):
            yield folder, True
        case ast.Call(func=ast.Attribute(attr="append", value=path), args=[folder]) if _is_search_path(path):
            yield folder, False
        case ast.Call(func=ast.Attribute(attr="extend", value=path), args=[ast.List(elts=folders)]):
            yield from ((folder, False) for folder in folders if _is_search_path(path))
        case ast.AugAssign(target=path, value=ast.List(elts=folders)):
            yield from ((folder, False) for folder in folders if _is_search_path(path))
        case ast.Call(func=ast.Attribute(attr="addsitedir") | ast.Name(id="addsitedir"), args=[folder, *_]):
            yield folder, False


def _is_search_path(node: ast.expr) -> bool:
    return ast.unparse(node) == "sys.path"
