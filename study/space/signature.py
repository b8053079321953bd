"""The signature of one function of a task, read from its text or from the function itself."""

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.errors import TaskError
from study.space.annotation import NOTHING
from study.space.module_text import ModuleText, UnreadableError


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function."""

    name: str
    line: int
    default: Any = NOTHING
    annotation: Any = NOTHING
    """A type, as `Annotated[float, 0, 1]`; a text if Python does not know what it names."""


@dataclass(frozen=True)
class Signature:
    """The parameters of a function that a study calls by their names."""

    function: str
    file: str
    """The name of the file in which it stands."""
    line: int
    parameters: tuple[Parameter, ...]

    def error(self, text: str, *, line: int | None = None) -> TaskError:
        """Returns the error that something is wrong with this function."""
        return TaskError(f"{self.file}, line {line or self.line}: {text}")


def signature_in_text(text: ModuleText, name: str, *, handed: typing.Collection[str]) -> Signature:
    """Returns the signature of a function from the text of its file. `handed` are parameters that are no settings.

    Raises UnreadableError if only the function itself tells, and TaskError if a study cannot call it.
    """
    node = text.function(name)
    given = node.args
    bare = Signature(name, text.path.name, node.lineno, ())
    stars = [f"{stars}{part.arg}" for stars, part in (("*", given.vararg), ("**", given.kwarg)) if part]
    _check(bare, positional=[part.arg for part in given.posonlyargs], stars=stars)
    if isinstance(node, ast.AsyncFunctionDef):
        raise _async(bare)
    parameters = (
        Parameter(part.arg, part.lineno)
        if part.arg in handed
        else Parameter(part.arg, part.lineno, _value(text, default), _annotation(text, part.annotation))
        for part, default in _with_defaults(given)
    )
    return Signature(name, text.path.name, node.lineno, tuple(parameters))


def _with_defaults(given: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    missing = [None] * (len(given.args) - len(given.defaults))
    yield from zip(given.args, [*missing, *given.defaults], strict=True)
    yield from zip(given.kwonlyargs, given.kw_defaults, strict=True)


def _value(text: ModuleText, node: ast.expr | None) -> Any:
    return NOTHING if node is None else text.value(node)


def _annotation(text: ModuleText, node: ast.expr | None) -> Any:
    value = _value(text, node)
    if not isinstance(value, str):
        return value
    try:
        return text.value(ast.parse(value, mode="eval").body)
    except SyntaxError as error:
        raise UnreadableError(value) from error


def signature_of(function: Callable[..., Any], name: str, *, file: Path) -> Signature:
    """Returns the signature of a function, a partial, or an object that can be called.

    `file` is the task's file. Raises TaskError if a study cannot call it.
    """
    whole = inspect.unwrap(getattr(function, "func", function))
    code = getattr(whole, "__code__", None)
    place = Path(code.co_filename).name if code else file.name
    line = code.co_firstlineno if code else 1
    bare = Signature(name, place, line, ())
    parameters = list(_inspected(function, bare).parameters.values())
    stars = [
        f"{'*' if part.kind is part.VAR_POSITIONAL else '**'}{part.name}"
        for part in parameters
        if part.kind in (part.VAR_POSITIONAL, part.VAR_KEYWORD)
    ]
    _check(bare, positional=[part.name for part in parameters if part.kind is part.POSITIONAL_ONLY], stars=stars)
    if inspect.iscoroutinefunction(whole):
        raise _async(bare)
    names = getattr(whole, "__globals__", {})
    return Signature(name, place, line, tuple(_parameter(part, line, names) for part in parameters))


def _inspected(function: Callable[..., Any], bare: Signature) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        raise bare.error(f"`{bare.function}` must be a function with named parameters, not {function!r}") from None


def _parameter(part: inspect.Parameter, line: int, names: dict[str, Any]) -> Parameter:
    default, annotation = (NOTHING if value is part.empty else value for value in (part.default, part.annotation))
    try:
        while isinstance(annotation, str):
            annotation = eval(annotation, names)  # As typing.get_type_hints does. It is the user's own code.
    except Exception:  # A name that is imported for type checkers only, or misspelt: it stays a text.
        pass
    return Parameter(part.name, line, default, annotation)


def _check(bare: Signature, *, positional: list[str], stars: list[str]) -> None:
    """Refuse parameters without names: a study cannot know what they mean."""
    if stars:
        way = "name each parameter (a decorator needs functools.wraps)"
        raise bare.error(f"{bare.function}() takes {' and '.join(stars)}, so its settings are not known; {way}")
    if positional:
        way = "take the '/' out of its signature, because a study hands over settings by name"
        raise bare.error(f"{bare.function}() takes {', '.join(positional)} without a name; {way}")


def _async(bare: Signature) -> TaskError:
    return bare.error(f"{bare.function}() is `async`, and nothing waits for it; make it a plain function")
