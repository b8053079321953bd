"""A Python file as text: its functions and constants, as far as they can be known without running it."""

import ast
import math
import operator
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_MODULES = {"typing": typing, "typing_extensions": typing, "math": math}
"""Modules whose names are known here. Others may be slow to import, as Keras is."""
_BUILT_IN: Mapping[str, type] = {kind.__name__: kind for kind in (bool, int, float, str, tuple, list)}
_UNARY: Mapping[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.BitOr: operator.or_,
}
_MOST_BITS = 1_024
"""How many bits a power may have. Else a text such as `9**9**9` would stop the command."""


class UnreadableError(Exception):
    """A value that is known only after the file has run."""


class ModuleText:
    """The text of a Python file. Raises SyntaxError, ValueError or OSError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tree = ast.parse(path.read_bytes())
        self._bindings: dict[str, list[tuple[ast.stmt, bool]]] = {}
        self._touched = set[str]()
        for node, outermost in _statements(tree.body):
            self._touched |= _touched(node)
            for name in _bound(node):
                self._bindings.setdefault(name, []).append((node, outermost))
        for inner in ast.walk(tree):
            if isinstance(inner, ast.Global):
                for name in inner.names:
                    self._bindings.setdefault(name, []).append((inner, False))
        self._open = set[str]()

    def has(self, name: str) -> bool:
        """Whether the file may give a name a meaning. True for every name if it imports `*`."""
        return name in self._bindings or "*" in self._bindings

    def line(self, name: str) -> int:
        """Returns the line that gives a name its meaning, or 1 if there is none."""
        return self._bindings[name][-1][0].lineno if name in self._bindings else 1

    def function(self, name: str) -> _Function:
        """Returns a function of the file. Raises UnreadableError if the name may mean anything else."""
        node = self._only(name)
        if isinstance(node, _Function) and not node.decorator_list:
            return node
        raise UnreadableError(name)

    def constant(self, name: str) -> Any:
        """Returns the value of a constant of the file. Raises UnreadableError if it is known only after a run."""
        node = self._only(name)
        if name in self._open:  # `a = b` and `b = a`
            raise UnreadableError(name)
        self._open.add(name)
        try:
            value = self._assigned(name, node)
        finally:
            self._open.remove(name)
        if name in self._touched and isinstance(value, list | dict | set):
            raise UnreadableError(name)
        return value

    def _only(self, name: str) -> ast.stmt:
        """Returns the one statement that gives a name its meaning."""
        bindings = self._bindings.get(name, [])
        if len(bindings) != 1 or not bindings[0][1] or "*" in self._bindings:
            raise UnreadableError(name)
        return bindings[0][0]

    def _assigned(self, name: str, node: ast.stmt) -> Any:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        return self.value(value)
                    if isinstance(target, ast.Tuple | ast.List):
                        return self._unpacked(name, target, value)
            case ast.AnnAssign(value=ast.expr() as value):
                return self.value(value)
            case ast.Import(names=aliases):
                return _module(next(alias.name for alias in aliases if name in (alias.asname, alias.name)))
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                original = next(alias.name for alias in aliases if name in (alias.asname, alias.name))
                return _attribute(_module(module), original)
            case _ if type(node).__name__ == "TypeAlias":  # `type Kind = …`, from Python 3.12 on.
                return self.value(node.value)  # type: ignore[attr-defined]
        raise UnreadableError(name)

    def _unpacked(self, name: str, target: ast.Tuple | ast.List, value: ast.expr) -> Any:
        """Returns the part of `a, b = 1, 2` that a name gets."""
        names = [part.id if isinstance(part, ast.Name) else "" for part in target.elts]
        if name not in names or any(isinstance(part, ast.Starred) for part in target.elts):
            raise UnreadableError(name)
        place = names.index(name)
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
            return self.value(value.elts[place])
        values = self.value(value)
        if isinstance(values, tuple | list) and len(values) == len(names):
            return values[place]
        raise UnreadableError(name)

    def value(self, node: ast.expr) -> Any:
        """Returns the value of an expression: a literal, a type, or what can be computed from such."""
        try:
            return self._value(node)
        except (ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
            raise UnreadableError(str(error)) from error

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.constant(name) if self.has(name) else _built_in(name)
            case ast.Attribute(value=base, attr=name):
                return _attribute(self._value(base), name)
            case ast.Tuple(elts=parts):
                return tuple(self._values(parts))
            case ast.List(elts=parts):
                return list(self._values(parts))
            case ast.Set(elts=parts):
                return set(self._values(parts))
            case ast.Dict(keys=keys, values=values) if all(keys):
                pairs = zip(keys, values, strict=True)
                return {self._value(key): self._value(value) for key, value in pairs if key is not None}
            case ast.UnaryOp(op=sign, operand=operand):
                return _UNARY[type(sign)](self._value(operand))
            case ast.BinOp(left=left, op=sign, right=right):
                return _computed(type(sign), self._value(left), self._value(right))
            case ast.Subscript(value=base, slice=index):
                return self._value(base)[self._value(index)]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if not self.has(name):
                return _built_in(name)(*self._values(arguments))
        raise UnreadableError(ast.unparse(node))

    def _values(self, nodes: list[ast.expr]) -> Iterator[Any]:
        for node in nodes:
            if isinstance(node, ast.Starred):
                yield from self._value(node.value)
            else:
                yield self._value(node)


def _statements(nodes: list[ast.stmt], *, outermost: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """Yields the statements that an import of the file runs or may run, and whether each is sure to run."""
    for node in nodes:
        if is_main_block(node):
            continue
        yield node, outermost
        if not isinstance(node, _Scope):
            inner = [
                part for part in ast.iter_child_nodes(node) if isinstance(part, ast.ExceptHandler | ast.match_case)
            ]
            for part in [node, *inner]:
                for name in ("body", "orelse", "finalbody"):
                    yield from _statements(getattr(part, name, []), outermost=False)


def is_main_block(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`, which an import does not run."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in (
        "__name__ == '__main__'",
        "'__main__' == __name__",
    )


def _bound(node: ast.stmt) -> set[str]:
    """Returns the names that a statement itself gives a meaning, without the statements inside it."""
    if isinstance(node, _Function | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {
        inner.id for inner in _expressions(node) if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)
    }


def _touched(node: ast.stmt) -> set[str]:
    """Returns the names whose values a statement may change: `TABLE.update(a=1)`, `TABLE["a"] = 1`, `fill(TABLE)`."""
    if isinstance(node, _Scope | ast.Import | ast.ImportFrom):
        return set()
    writes = any(
        isinstance(inner, ast.Subscript | ast.Attribute) and not isinstance(inner.ctx, ast.Load)
        for inner in _expressions(node)
    )
    calls = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    names = (inner.id for inner in _expressions(node) if isinstance(inner, ast.Name))
    return set(names) if writes or calls or isinstance(node, ast.AugAssign) else set()


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the parts of a statement, without the statements and functions inside it."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.stmt | ast.Lambda | ast.ExceptHandler | ast.match_case):
            yield inner
            yield from _expressions(inner)


def _module(name: str) -> Any:
    if name not in _MODULES:
        raise UnreadableError(name)
    return _MODULES[name]


def _attribute(base: Any, name: str) -> Any:
    if base not in _MODULES.values() or not hasattr(base, name):
        raise UnreadableError(name)
    return getattr(base, name)


def _built_in(name: str) -> Any:
    if name not in _BUILT_IN:
        raise UnreadableError(name)
    return _BUILT_IN[name]


def _computed(sign: type, left: Any, right: Any) -> Any:
    numbers = all(isinstance(side, int | float) for side in (left, right))
    if sign in (ast.Pow, ast.LShift) and all(isinstance(side, int) for side in (left, right)):
        bits = abs(right) * (left.bit_length() if sign is ast.Pow else 1)
        if bits > _MOST_BITS:
            raise UnreadableError(f"a number of {bits} bits")
    if not numbers and sign not in (ast.Add, ast.BitOr):  # `"a" * 10**9` and `"%s" % x` are left to Python.
        raise UnreadableError(f"{left!r} with {right!r}")
    return _BINARY[sign](left, right)
