"""Signatures, from a text and from functions."""

import functools
from pathlib import Path
from typing import Annotated, Any

import pytest

from study.errors import TaskError
from study.space.annotation import NOTHING
from study.space.module_text import ModuleText, UnreadableError
from study.space.signature import Parameter, signature_in_text, signature_of

CODE = """\
from typing import Annotated
def build(a, b=1, *, c: Annotated[float, 0, 1] = 0.5, d: "int" = 2, steps: keras.Unknown = unknown(), e): ...
"""


def test_a_text_and_its_function_have_the_same_parameters(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(CODE)
    expected = (
        Parameter("a", 2),
        Parameter("b", 2, 1),
        Parameter("c", 2, 0.5, Annotated[float, 0, 1]),
        Parameter("d", 2, 2, int),
        Parameter("steps", 2),
        Parameter("e", 2),
    )
    found = signature_in_text(ModuleText(path), "build", handed=("steps",))
    assert (found.function, found.file, found.line, found.parameters) == ("build", "own.py", 2, expected)
    with pytest.raises(UnreadableError):
        signature_in_text(ModuleText(path), "build", handed=())
    namespace: dict[str, Any] = {}
    exec(CODE.replace("steps: keras.Unknown = unknown()", "steps"), namespace)
    parameters = signature_of(namespace["build"], "build", file=path).parameters
    assert [(p.name, p.default, p.annotation) for p in parameters] == [
        (p.name, p.default, p.annotation) for p in expected
    ]


def made(units: int, rate: "Unknown" = 1, *rest: int) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Its annotation cannot be evaluated."""


def test_a_partial_is_known_by_the_function_that_it_calls() -> None:
    @functools.wraps(made)
    def wrapper(units: int) -> None: ...

    def plain(units: int, rate: float = 1) -> None: ...

    found = signature_of(functools.partial(plain, units=3), "build", file=Path("own.py"))
    assert (found.file, found.line) == ("test_signature.py", plain.__code__.co_firstlineno)
    assert [(p.name, p.default) for p in found.parameters] == [("units", 3), ("rate", 1)]
    with pytest.raises(TaskError, match=r"test_signature\.py, line \d+: build\(\) takes \*rest, so its settings"):
        signature_of(wrapper, "build", file=Path("own.py"))


def test_what_has_no_signature_is_no_function() -> None:
    with pytest.raises(TaskError, match=r"own\.py, line 1: `build` must be a function with named parameters, not"):
        signature_of(type, "build", file=Path("own.py"))


async def waiting() -> None: ...


def test_an_async_function_is_refused() -> None:
    with pytest.raises(TaskError, match=r"test_signature\.py, line \d+: build\(\) is `async`, and nothing waits"):
        signature_of(waiting, "build", file=Path("own.py"))
    assert repr(NOTHING) == "nothing"
