"""The files that a task's code names and reads, such as a table or a saved model. Only the code's text is read.

A text in the code counts if it is the name of a file, beside the code or in the current folder. So does a path that is
put together from texts, and a folder whose files the code lists. What the code writes does not count, because it is a
result of the code and no part of it.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from study.space.named_places import existing, named_places

EXPLICIT = "files"
"""A task may list its files and folders itself, in a list of this name. Then only these count."""
_FIRST = {"save", "savez", "savez_compressed", "savetxt", "save_weights", "save_model", "imsave", "imwrite", "export"}
_FIRST |= {"CSVLogger", "ModelCheckpoint", "BackupAndRestore", "TensorBoard", "FileHandler", "SummaryWriter", "open"}
_FIRST |= {"makedirs", "remove", "rmtree", "tofile"}
"""Calls whose first argument names what they write."""
_SECOND = {"urlretrieve", "copy", "copy2", "copyfile", "copytree", "move", "rename", "replace", "dump"}
"""Calls whose second argument names what they write."""
_OF_PATHS = {"write_text", "write_bytes", "mkdir", "touch", "unlink", "open"}
"""Methods of the path that they write."""
_KEYWORDS = {"file", "filepath", "filename", "path", "fname", "log_dir", "backup_dir", "path_or_buf", "dst"}
_WRITING_MODES = set("wax+")


def named_files(statements: Sequence[ast.stmt], folder: Path) -> list[Path]:
    """Returns the files and folders that these statements read, and do not write. `folder` is the one of their file."""
    written = _written(statements)
    texts = {
        node.value
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found = (existing(text, folder) for text in texts - written if text and not text.endswith(".py"))
    files = {path for path in found if path is not None and path.is_file()}
    return sorted(files | named_places(statements, folder, written=written))


def listed_files(tree: ast.Module, folder: Path) -> list[Path] | None:
    """Returns the files and folders that a task lists under the name `files`; None if it has no such list."""
    for statement in (inner for node in tree.body for inner in (node, *getattr(node, "body", ()))):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and EXPLICIT in _targets(statement):
            try:
                texts = ast.literal_eval(statement.value) if statement.value else ()
            except ValueError:  # It is made by code, and only a list of texts can be read.
                continue
            if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
                paths = (existing(text, folder) for text in texts)
                return sorted({path for path in paths if path is not None})
    return None


def _targets(statement: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> set[str]:
    """Returns the names that a statement gives values to."""
    nodes = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _written(statements: Sequence[ast.stmt]) -> set[str]:
    """Returns the texts that go into calls that write files, by themselves or over names of variables."""
    every = [node for statement in statements for node in ast.walk(statement)]
    assigned = [node for node in every if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value]
    places = [place for node in every if isinstance(node, ast.Call) for place in _places(node)]
    texts, names = _parts(places)
    seen: set[str] = set()
    while names - seen:
        new, seen = names - seen, seen | names
        more = [node.value for node in assigned if node.value and _targets(node) & new]
        more_texts, more_names = _parts(more)
        texts, names = texts | more_texts, names | more_names
    return texts


def _places(call: ast.Call) -> Iterator[ast.expr]:
    """Yields the expressions that name what a call writes; nothing if it writes nothing."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name == "open" and not any(map(_is_writing_mode, [*call.args, *(keyword.value for keyword in call.keywords)])):
        return
    if name in _OF_PATHS and isinstance(function, ast.Attribute):
        yield function.value
    if name in _FIRST or name.startswith("to_"):
        yield from call.args[:1]
        yield from (keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS)
    elif name in _SECOND:
        yield from call.args[1:2]
        yield from (keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS)


def _is_writing_mode(argument: ast.expr) -> bool:
    value = argument.value if isinstance(argument, ast.Constant) else None
    return isinstance(value, str) and len(value) <= 3 and bool(_WRITING_MODES & {*value})


def _parts(nodes: Iterable[ast.expr]) -> tuple[set[str], set[str]]:
    """Returns the texts and the names of variables in expressions."""
    every = [inner for node in nodes for inner in ast.walk(node)]
    texts = {node.value for node in every if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts, {node.id for node in every if isinstance(node, ast.Name)}
