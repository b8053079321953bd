"""Evaluates expressions that name a place, such as `Path(__file__).parent / "lib"`, without running the user's code."""

import ast
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("Path", "PosixPath", "PurePath"), Path),
    **{name: getattr(os.path, name) for name in ("join", "dirname", "abspath", "realpath", "normpath", "expanduser")},
    "fspath": os.fspath,
    "getcwd": os.getcwd,
    "cwd": Path.cwd,
    "str": str,
}
_METHODS = {"joinpath", "resolve", "absolute", "with_name", "with_suffix", "expanduser", "as_posix"}
_PROPERTIES = {"parent", "parents", "name", "stem"}
Names = Mapping[str, Any]
"""What the names of a file stand for, as far as it is known."""


def names_of(statements: Iterable[ast.stmt], file: Path) -> Names:
    """Returns the values of a file's `__file__`, and of the variables that name a place or are plain constants.

    A variable that gets several values, here or inside a function, is not known.
    """
    names: dict[str, Any] = {"__file__": str(file)}
    seen = set[str]()
    for node in (inner for statement in statements for inner in ast.walk(statement)):
        if isinstance(node, ast.Assign):
            value = value_of(node.value, names)
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            names |= dict.fromkeys(targets - seen, value)
            names |= dict.fromkeys(targets & seen)
            seen |= targets
    return {name: value for name, value in names.items() if value is not None}


def value_of(node: ast.expr, names: Names) -> Any:
    """Returns the text, number or path that an expression stands for; None if it cannot be known."""
    try:
        return _value(node, names)
    except (LookupError, TypeError, ValueError, AttributeError, OSError, RuntimeError):
        return None


def _value(node: ast.expr, names: Names) -> Any:
    """Returns what an expression stands for. Raises one of several errors if it cannot be known."""
    match node:
        case ast.Constant(value=str() | int() as constant):
            return constant
        case ast.Name(id=name):
            return names[name]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return Path(_value(left, names)) / _value(right, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return str(_value(left, names)) + str(_value(right, names))
        case ast.JoinedStr(values=parts):
            return "".join(str(_value(part, names)) for part in parts)
        case ast.FormattedValue(value=value, format_spec=None):
            return _value(value, names)
        case ast.Subscript(value=value, slice=place):
            return _value(value, names)[_value(place, names)]
        case ast.Attribute(value=value, attr=name) if name in _PROPERTIES:
            return getattr(Path(_value(value, names)), name)
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=arguments) if name in _METHODS:
            return getattr(Path(_value(value, names)), name)(*(_value(argument, names) for argument in arguments))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            return _FUNCTIONS[name](*(_value(argument, names) for argument in arguments))
    raise ValueError(ast.dump(node))
