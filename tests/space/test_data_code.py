"""The statements that a task's `data` can reach."""

import ast

import pytest

from study.space.data_code import imported_function, statements_of_data, text_for_data

TASK = '''"""A task."""
import os
from numbers import *

import numpy as np

from plans import net

SIZE = 192
RATE = 0.1
TABLE = {}
TABLE["a"] = 1
TABLE.update(b=2)
settings = {"units": 4}
try:
    import fast as sums
except ImportError:
    sums = None


def points(count, rate=RATE):
    # Normal numbers.
    return sums.normal(count) * rate


class Base:
    scale = 2


class Mine(Base):
    width = 8
    layers = 3

    def __init__(self, seed):
        self.seed = seed

    def data(self, settings, progress):
        """Points in a plane."""
        SIZES = [SIZE for SIZE in (1, 2)]
        return points(SIZE, self.width) + TABLE["a"] + sum(SIZES)

    def build(self, settings, *, steps):
        return net(self.layers, os.sep)


task = Mine(3)
'''


def reached(text: str, task: str = "task") -> str:
    return text_for_data(statements_of_data(ast.parse(text), task))


BEFORE = reached(TASK)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE = 192", "SIZE = 193"),
        ("RATE = 0.1", "RATE = 0.2"),
        ('TABLE["a"] = 1', 'TABLE["a"] = 2'),
        ("update(b=2)", "update(b=3)"),
        ("import fast as", "import slow as"),
        ("normal(count)", "uniform(count)"),
        ("scale = 2", "scale = 3"),
        ("width = 8", "width = 9"),
        ("self.seed = seed", "self.seed = seed + 1"),
        ("Mine(3)", "Mine(4)"),
        ("(1, 2)", "(1, 3)"),
        ("from numbers import *", "from others import *"),
        ("class Mine(Base)", "class Mine(Base, object)"),
    ],
)
def test_what_data_reaches_counts(old: str, new: str) -> None:
    assert old in TASK
    assert reached(TASK.replace(old, new)) != BEFORE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("net(self.layers", "net(2 * self.layers"),
        ("layers = 3", "layers = 4"),
        ("from plans import net", "from plans import larger as net"),
        ("import os\n", "import os.path as os\n"),
        ('"units": 4', '"units": 5'),
        ('"""A task."""', '"""Another text."""'),
        ('"""Points in a plane."""', '"""Points."""'),
        ("# Normal numbers.", "# Numbers as they come."),
        ("class Mine", "def unused():\n    return 1\n\n\nclass Mine"),
    ],
)
def test_what_data_does_not_reach_does_not_count(old: str, new: str) -> None:
    assert old in TASK
    assert reached(TASK.replace(old, new)) == BEFORE


def test_a_file_without_a_function_data_counts_whole() -> None:
    assert reached("from other import task\nWIDTH = 3\n") == "from other import task\nWIDTH = 3"


def test_the_build_of_a_task_whose_data_are_defined_elsewhere_does_not_count() -> None:
    build = "    def build(self, settings, *, steps):\n        return {}\n"
    text = f"class Mine(Points):\n    rows = 3\n\n{build}\n\ntask = Mine()\n"
    assert reached(text.format(1)) == reached(text.format(2)) != reached(text.format(1).replace("3", "4"))
    others = "class Maker:\n    def build(self, rows):\n        return {}\n"
    assert reached(others.format(1)) != reached(others.format(2))


def test_data_may_be_a_name_in_the_class() -> None:
    text = "def make(settings, progress):\n    return 1\n\n\nclass Mine:\n    data = staticmethod(make)\n"
    assert "return 1" in reached(text)


def test_a_dataclass_counts_with_its_fields_that_are_read() -> None:
    fields = "@dataclass\nclass Mine:\n    count: int = 3\n    units: int = 4\n"
    text = fields + "    def data(self, s, p):\n        return self.count\n"
    assert reached(text) != reached(text.replace("= 3", "= 5"))
    assert reached(text) == reached(text.replace("= 4", "= 5"))


FUNCTIONS = '''"""A task of functions."""
import os, sys
from typing import Annotated

import numpy as np

from plans import net, points as cloud

epochs, batch_size, SIZE = 10, 32, 192
RATE = 0.1


def points(count, rate=RATE):
    return np.zeros(count) * rate


def data(noise: Annotated[float, 0, 1] = 0.0):
    """Points in a plane."""
    return points(SIZE).build(noise), cloud


def build(units=32):
    return net(units, batch_size, os.sep)


def callbacks():
    return []


if __name__ == "__main__":
    print(data(), build())
'''


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("SIZE = 10, 32, 192", "SIZE = 10, 32, 193", True),
        ("RATE = 0.1", "RATE = 0.2", True),
        ("np.zeros", "np.ones", True),
        ("noise: Annotated[float, 0, 1] = 0.0", "noise: Annotated[float, 0, 1] = 0.5", True),
        ("points as cloud", "other as cloud", True),
        ("import numpy as np", "import cupy as np", True),
        ("SIZE = 10, 32, 192", "SIZE = 20, 64, 192", False),
        ("noise: Annotated[float, 0, 1]", "noise: Annotated[float, 0, 2]", False),
        ("net(units", "net(2 * units", False),
        ("build(units=32)", "build(units=64, depth=3)", False),
        ("import net,", "import larger as net,", False),
        ("import os, sys", "import os", False),
        ("return []", "return [None]", False),
        ('"""Points in a plane."""', '"""Points."""', False),
        ("print(data(), build())", "print(data())", False),
        ("def callbacks", "def fit():\n    return data()\n\n\ndef callbacks", False),
    ],
)
def test_of_functions_only_what_data_reaches_counts(old: str, new: str, counts: bool) -> None:
    def text(code: str) -> str:
        return text_for_data(statements_of_data(ast.parse(code), None))

    assert old in FUNCTIONS
    assert (text(FUNCTIONS.replace(old, new)) != text(FUNCTIONS)) is counts


def test_an_imported_function_is_known_by_its_import() -> None:
    found = imported_function(ast.parse("import x\nfrom helpers import build, points as data\n"), "data")
    assert found is not None
    assert (ast.unparse(found[0]), found[1]) == ("from helpers import points as data", "points")
    for code in ("def data(): ...", "import data", "from a import data\nfrom b import data", "from a import *", ""):
        assert imported_function(ast.parse(code), "data") is None
