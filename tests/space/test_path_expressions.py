"""Expressions that name a place are evaluated without running the file."""

import ast
from pathlib import Path

import pytest

from study.space.path_expressions import names_of, value_of

FILE = Path("/home/me/project/tasks/task.py")
TEXT = """
HERE = Path(__file__).resolve().parent
import os
ROOT, OTHER = HERE.parent, 3
NAME = "lib"
DEEP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", NAME)
UNKNOWN = choose()
TWICE = 'a'
TWICE = 'b'
"""


def value(text: str) -> object:
    expression = ast.parse(text, mode="eval").body
    return value_of(expression, names_of(ast.parse(TEXT).body, FILE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'lib'", "lib"),
        ("Path(__file__).parent / 'data' / 'x.csv'", "/home/me/project/tasks/data/x.csv"),
        ("pathlib.Path(__file__).parents[1]", "/home/me/project"),
        ("str(HERE.parent / NAME)", "/home/me/project/lib"),
        ("HERE.joinpath('a', f'{NAME}.txt')", "/home/me/project/tasks/a/lib.txt"),
        ("DEEP", "/home/me/project/tasks/../lib"),
        ("os.path.dirname(__file__) + '/x.npy'", "/home/me/project/tasks/x.npy"),
        ("Path(__file__).with_name('x.npy')", "/home/me/project/tasks/x.npy"),
        ("os.path.dirname(os.path.realpath(__file__))", "/home/me/project/tasks"),
    ],
)
def test_what_names_a_place_is_known(text: str, expected: str) -> None:
    assert str(value(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["UNKNOWN", "TWICE", "choose()", "Path(choose())", "HERE / choose()", "f'{choose()}.csv'", "1 / 0", "x[3]", "None"],
)
def test_what_only_running_the_file_could_tell_is_not_known(text: str) -> None:
    assert value(text) is None


def test_the_current_folder_is_known() -> None:
    assert value("os.getcwd()") == str(value("Path.cwd()")) == str(Path.cwd())
