"""What is known of a Python file without running it."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from study.space.module_text import ModuleText, UnreadableError


def text(folder: Path, code: str) -> ModuleText:
    path = folder / "own.py"
    path.write_text(code)
    return ModuleText(path)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("A = 1e-2", 0.01),
        ("A = -1", -1),
        ("A = 2 ** 10", 1024),
        ("A = 1 << 4", 16),
        ("A = 1_000 // 3", 333),
        ("A = 10 % 4 + 1 / 4", 2.25),
        ("A = 'a' 'b' + 'c'", "abc"),
        ("A = not True", False),
        ("A: int = 3", 3),
        ("A, B = 1, 2", 1),
        ("B, A = 1, 2", 2),
        ("[B, A] = (1, 2)", 2),
        ("C = (1, 2)\nB, A = C", 2),
        ("A = B = 3", 3),
        ("B = 3\nA = 2 * B", 6),
        ("A = B\nB = 3", 3),
        ("A = ('x', 'y')", ("x", "y")),
        ("B = ('x',)\nA = [*B, 'y']", ["x", "y"]),
        ("B = ['x']\nA = ('y', *B)", ("y", "x")),
        ("A = {'a': 1}", {"a": 1}),
        ("A = {1, 2}", {1, 2}),
        ("B = {'a': (3, 4)}\nA = B['a'][1]", 4),
        ("A = int(1e3)", 1000),
        ("A = float('1e-3')", 0.001),
        ("import math\nA = math.tau", 6.283185307179586),
        ("from math import pi as A", 3.141592653589793),
        ("from typing import Literal\nA = Literal['a', 'b']", Literal["a", "b"]),
        ("import typing as t\nA = t.Literal['a']", Literal["a"]),
        ("from typing_extensions import Annotated\nA = Annotated[float, 0, 1]", Annotated[float, 0, 1]),
        ("from typing import *\nA = 1\n", UnreadableError),
        ("A = int | None", int | None),
        ("print(A)\nA = 3", 3),
        ("A = 3\nif __name__ == '__main__':\n    A = 4", 3),
        ("def f():\n    A = 4\nA = 3", 3),
        ("A = 3\nx = [A for A in range(3)]", UnreadableError),
        ("A = 3\nA = 4", UnreadableError),
        ("A = 3\nA += 1", UnreadableError),
        ("if True:\n    A = 3", UnreadableError),
        ("try:\n    A = 3\nexcept ImportError:\n    A = 4", UnreadableError),
        ("for A in (1, 2):\n    pass", UnreadableError),
        ("with open('x') as A:\n    pass", UnreadableError),
        ("match 1:\n    case 1:\n        A = 3", UnreadableError),
        ("A = 3\ndef f():\n    global A\n    A = 4", UnreadableError),
        ("A = {'a': 1}\nA['b'] = 2", UnreadableError),
        ("A = ['a']\nA.append('b')", UnreadableError),
        ("A = ['a']\nfill(A)", UnreadableError),
        ("A = [1]\nA += [2]", UnreadableError),
        ("A = B\nB = A", UnreadableError),
        ("A = 9 ** 9 ** 9", UnreadableError),
        ("A = 1 << 10**9", UnreadableError),
        ("A = 1 / 0", UnreadableError),
        ("A = 'a' * 10 ** 9", UnreadableError),
        ("A = 'a' + 1", UnreadableError),
        ("A = (1, 2)[5]", UnreadableError),
        ("A, B = 1, 2, 3", UnreadableError),
        ("A, *B = 1, 2, 3", UnreadableError),
        ("import numpy as np\nA = np.float32(1)", UnreadableError),
        ("import os\nA = os.environ['HOME']", UnreadableError),
        ("from helpers import A", UnreadableError),
        ("A = f'{1}'", UnreadableError),
        ("A = lambda: 1", UnreadableError),
        ("A = 1 if True else 2", UnreadableError),
        ("float = 3\nA = float(1)", UnreadableError),
        ("B = 1", UnreadableError),
        ("del A\nA = 1", UnreadableError),
    ],
)
def test_a_constant_has_the_value_that_python_gives_it_or_is_unreadable(tmp_path: Path, code: str, value: Any) -> None:
    if value is UnreadableError:
        with pytest.raises(UnreadableError):
            text(tmp_path, code).constant("A")
        return
    found = text(tmp_path, code).constant("A")
    assert found == value
    assert type(found) is type(value)
    if "print" not in code:
        namespace: dict[str, Any] = {"__name__": "own"}
        exec(code if code != "A = B\nB = 3" else "A = 3", namespace)
        assert namespace["A"] == value


def test_a_function_is_found_if_its_name_means_nothing_else(tmp_path: Path) -> None:
    assert text(tmp_path, "def f(a): ...").function("f").lineno == 1
    for code in (
        "@wrap\ndef f(): ...",
        "def f(): ...\nf = wrap(f)",
        "if True:\n    def f(): ...",
        "from helpers import f",
        "f = lambda: 1",
        "class f: ...",
        "from helpers import *\ndef f(): ...",
        "def f(): ...\ndef f(): ...",
        "",
    ):
        with pytest.raises(UnreadableError):
            text(tmp_path, code).function("f")


def test_it_knows_which_names_have_a_meaning_and_on_which_line(tmp_path: Path) -> None:
    whole = text(tmp_path, "import a.b\n\nc = 1\nd: int = 2\n")
    assert [name for name in "abcde" if whole.has(name)] == ["a", "c", "d"]
    assert [whole.line(name) for name in "acde"] == [1, 3, 4, 1]
    assert text(tmp_path, "from a import *").has("anything")


def test_a_type_of_python_3_12_is_read(tmp_path: Path) -> None:
    try:
        whole = text(tmp_path, "from typing import Literal\ntype Kind = Literal['a']\n")
    except SyntaxError:  # An older Python.
        return
    assert whole.constant("Kind") == Literal["a"]
