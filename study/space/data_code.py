"""The statements of a file that a task's `data` can reach by name. Only the text is read, and nothing is imported."""

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping

from study.space.module_text import is_main_block

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | _Comprehension
_DATA = "data"
_MAKES_OBJECTS = {"__init__", "__post_init__", "__new__"}
_ALWAYS = (_DATA, "*")
"""Where the search begins; `*` is the name under which `from a import *` is kept."""


def statements_of_data(tree: ast.Module, task: str | None, *others: str) -> list[ast.stmt]:
    """Returns the statements that `data` can reach, in the order of the file; all of them if it defines no `data`.

    `task` is the name of the task in the file: the arguments with which it was made may decide the data, too. It is
    None if the task is made of the file's functions. If `others` name further methods, what these reach is included.
    """
    if task is None:
        return statements_of_function(tree, _DATA)
    definitions = _definitions(tree)
    return _reached(definitions, (*_ALWAYS, task, *others)) if _DATA in definitions else list(tree.body)


def statements_of_function(tree: ast.Module, function: str) -> list[ast.stmt]:
    """Returns the statements that a function of a file can reach; all of them if the file does not define it.

    Here an attribute is no function of the file, and each name of an import or of `a, b = 1, 2` stands for itself.
    """
    parts = [part for node in tree.body if not is_main_block(node) for part in _parts(node)]
    body = [_without_rules(node, function) for node in parts]
    definitions: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in _names(node):
            definitions.setdefault(name, []).append(node)
    if function not in definitions:
        return body
    reached = {id(node) for node in _reached(definitions, (function, "*"), attributes=False)}
    return [node for node in body if id(node) in reached]


def _parts(node: ast.stmt) -> list[ast.stmt]:
    """Returns a statement that gives several names a meaning as one statement for each name."""
    parts: list[ast.stmt] = [node]
    match node:
        case ast.Import(names=names):
            parts = [ast.Import([name]) for name in names]
        case ast.ImportFrom(names=names):
            parts = [ast.ImportFrom(node.module, [name], node.level) for name in names]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            if not any(isinstance(part, ast.Starred) for part in (*targets, *values)):
                parts = [ast.Assign([target], value) for target, value in zip(targets, values, strict=True)]
    return [ast.fix_missing_locations(ast.copy_location(part, node)) for part in parts]


def imported_function(tree: ast.Module, name: str) -> tuple[ast.ImportFrom, str] | None:
    """Returns the import that gives a function its name, and its name there. None if the file defines it otherwise."""
    nodes = [part for node in tree.body if not is_main_block(node) for part in _parts(node) if name in _names(part)]
    node = nodes[0] if len(nodes) == 1 else None
    return (node, node.names[0].name) if isinstance(node, ast.ImportFrom) else None


def _without_rules(node: ast.stmt, function: str) -> ast.stmt:
    """Returns a function without annotations: what its settings may be decides no data. Other nodes stay."""
    if not isinstance(node, _Function) or node.name != function:
        return node
    bare = copy.deepcopy(node)
    for inner in ast.walk(bare.args):
        if isinstance(inner, ast.arg):
            inner.annotation = None
    bare.returns = None
    return bare


def text_for_data(statements: Iterable[ast.stmt]) -> str:
    """Returns these statements as Python writes them, without comments, docstrings and a task's `build`."""
    bare = filter(None, (_Bare().visit(node) for node in statements))
    return "\n".join(map(ast.unparse, bare))


class _Bare(ast.NodeTransformer):
    """Removes what cannot change the data: docstrings, and `build(settings, *, steps)`."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.copy_location(ast.Pass(), node) if alone else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        builds = node.name == "build" and [argument.arg for argument in node.args.kwonlyargs] == ["steps"]
        return ast.copy_location(ast.Pass(), node) if builds else self.generic_visit(node)


def _definitions(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """Returns the statements that give each name its meaning, those in classes included."""
    definitions: dict[str, list[ast.stmt]] = {}
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        names = {*_names(node)}
        if isinstance(node, ast.ClassDef):
            waiting += node.body
            if any(_DATA in _names(inner) for inner in node.body):
                node, names = _frame(node), {*names, _DATA}
        for name in names:
            definitions.setdefault(name, []).append(node)
    return definitions


def _frame(node: ast.ClassDef) -> ast.ClassDef:
    """Returns a class with its bases and only the methods that make an object. Others are searched by name."""
    made: list[ast.stmt] = [
        inner for inner in node.body if isinstance(inner, _Function) and inner.name in _MAKES_OBJECTS
    ]
    parts = {**dict(ast.iter_fields(node)), "body": made or [ast.Pass()]}
    return ast.copy_location(ast.ClassDef(**parts), node)


def _names(node: ast.stmt) -> Iterator[str]:
    """Yields the names that a statement defines or may change."""
    if isinstance(node, _Function | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        yield from _names_in(node.targets if isinstance(node, ast.Assign) else [node.target])
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        # `TABLE.update(a=1)` may change TABLE, and `fill(TABLE)` too.
        yield from _names_in([node.value])
    elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
        yield from _names_in([node])
        yield from (name for inner in ast.walk(node) if isinstance(inner, _DEFINING) for name in _names(inner))


def _names_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    yield from (inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _reached(
    definitions: Mapping[str, list[ast.stmt]], start: Iterable[str], *, attributes: bool = True
) -> list[ast.stmt]:
    """Returns the statements that these names lead to, by the names in each of them, in the order of the file."""
    reached: dict[int, ast.stmt] = {}
    seen = set[str]()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            for node in definitions.get(name, ()):
                reached[id(node)] = node
                waiting += _free(node, attributes=attributes)
    return sorted(reached.values(), key=lambda node: node.lineno)


def _free(node: ast.AST, *, attributes: bool) -> set[str]:
    """Returns the names that a node takes from outside itself, and perhaps the names of the attributes that it uses."""
    names = set[str]()
    if isinstance(node, ast.Name):
        names.add(node.id)
    elif attributes and isinstance(node, ast.Attribute):
        # It may be a method or a constant of any class here, so that all of this name count.
        names.add(node.attr)
    for inner in ast.iter_child_nodes(node):
        names |= _free(inner, attributes=attributes)
    if isinstance(node, _Function | ast.Lambda):
        # A decorator and the default of an argument are looked up outside the function.
        outside = [*node.args.defaults, *filter(None, node.args.kw_defaults), *getattr(node, "decorator_list", ())]
        return (names - _bound(node)).union(*(_free(part, attributes=attributes) for part in outside))
    return names - _bound(node) if isinstance(node, _Comprehension) else names


def _bound(node: _Scope) -> set[str]:
    """Returns the names that belong to a function alone. Its argument `settings`, for example, is not the task's."""
    names = set[str]()
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.arg):
            names.add(inner.arg)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        if not isinstance(inner, _Scope):
            waiting += ast.iter_child_nodes(inner)
    return names
