"""The files and folders that expressions in a task's code name, such as `HERE / "table.csv"` or `HERE.glob("*.png")`.

The code is not run: an expression counts if it is made of texts, of `__file__` and of variables that hold such values.
"""

import ast
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from study.space.path_expressions import Names, names_of, value_of

_OF_PATHS = {"glob", "rglob", "iterdir"}
"""Methods of a folder that list its files."""
_OF_FOLDERS = {"glob", "iglob", "listdir", "scandir", "walk", "list_files", "flow_from_directory", "load_from_disk"}
_OF_FOLDERS |= {f"{kind}_dataset_from_directory" for kind in ("image", "text", "audio")}
"""Functions whose first argument names the files or the folder that they read."""
_PATTERN = set("*?[")


def named_places(statements: Sequence[ast.stmt], folder: Path, *, written: Set[str]) -> set[Path]:
    """Returns the files that expressions in these statements name, and the folders whose files they read.

    `folder` is the one of their file. A name in `written` is one that the code writes, and does not count.
    """
    names = names_of(statements, folder / "__init__.py")
    every = [node for statement in statements for node in ast.walk(statement)]
    files = (_file(node, names, folder) for node in every if isinstance(node, ast.BinOp | ast.Call | ast.JoinedStr))
    listed = (place for node in every if isinstance(node, ast.Call) for place in _listed(node, names, folder))
    return {place for place in (*files, *listed) if place and place.suffix != ".py" and place.name not in written}


def existing(place: Any, folder: Path) -> Path | None:
    """Returns the file or folder that a text or a path names, seen from `folder` or from the current folder."""
    if not str(place):
        return None
    try:
        candidates = (folder / place, Path.cwd() / place)
        return next((path.resolve() for path in candidates if path.exists()), None)
    except (OSError, ValueError, TypeError):  # The text is too long for a name, or holds a NUL, or is a number.
        return None


def _file(node: ast.expr, names: Names, folder: Path) -> Path | None:
    value = value_of(node, names)
    path = existing(value, folder) if value else None
    return path if path and path.is_file() else None


def _listed(call: ast.Call, names: Names, folder: Path) -> Iterator[Path]:
    """Yields the files and folders that a call lists or reads as a whole; nothing if it is no such call."""
    match call:
        case ast.Call(func=ast.Attribute(value=value, attr=how)) if how in _OF_PATHS and value_of(value, names):
            patterns = [value_of(argument, names) for argument in call.args[:1]]
            whole = not patterns or not isinstance(patterns[0], str)
            text = Path(value_of(value, names), *([] if whole else ["**"] * (how == "rglob") + patterns))
            yield from _matches(str(text), folder)
        case ast.Call(func=ast.Attribute(value=value, attr=how)) if how in _OF_PATHS and ast.unparse(value) != "glob":
            return
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[first, *_]) if name in _OF_FOLDERS:
            if value := value_of(first, names):
                yield from _matches(str(value), folder)


def _matches(text: str, folder: Path) -> Iterator[Path]:
    """Yields the files that a pattern matches, or the folder that a text names."""
    if not _PATTERN & {*text}:
        place = existing(text, folder)
        yield from [place] if place else []
        return
    root = Path(text).anchor
    for base in [Path(root)] if root else [folder, Path.cwd()]:
        if found := [path.resolve() for path in base.glob(text.removeprefix(root)) if path.is_file()]:
            yield from found
            return
