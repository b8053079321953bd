"""Code of a model card, run where nothing of the task is known."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.data.nest_file import write_arrays
from study.training import fresh_opening
from study.training.fresh_opening import RANDOM, brief, problem

OTHER = "the opened model gives other answers than the trained one"


@pytest.fixture
def expected(tmp_path: Path) -> Path:
    write_arrays(path := tmp_path / "expected.npz", {"0": np.ones((2, 1), np.float32), f"1{RANDOM}": np.zeros(2)})
    return path


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ("{'a': np.ones((2, 1)), 'b': np.arange(2)}", ""),
        ("[np.ones((2, 1)) + 1e-6, np.ones(2)]", ""),
        ("[np.zeros((2, 1)), np.zeros(2)]", OTHER),
        ("[np.ones((2, 1)), np.zeros((2, 1))]", OTHER),
        ("[np.ones((1, 2)), np.zeros(2)]", OTHER),
        ("np.ones((2, 1))", OTHER),
        ("[np.array([['1.0'], ['1.0']]), np.zeros(2)]", OTHER),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("unknown", "NameError: name 'unknown' is not defined"),
    ],
)
def test_answers_are_compared_but_for_those_that_are_random(answers: str, text: str, expected: Path) -> None:
    assert problem(f"import numpy as np\nanswers = {answers}", expected) == text


def test_code_without_answers_is_a_problem(expected: Path) -> None:
    assert problem("x = 1", expected) == "KeyError: 'answers'"


def test_texts_are_answers_too(tmp_path: Path) -> None:
    write_arrays(tmp_path / "expected.npz", {"0": np.array([b"a", b"bc"])})
    code = "import numpy as np\nanswers = np.array([b'a', b'{}'], object)"
    assert problem(code.format("bc"), tmp_path / "expected.npz") == ""
    assert problem(code.format("bd"), tmp_path / "expected.npz") == OTHER


def test_an_error_is_brief() -> None:
    assert brief(NotImplementedError()) == "NotImplementedError"
    assert brief(ValueError("\x1b[1ma\x1b[0m\n  b")) == "ValueError: a b"
    assert brief(TypeError("Long. " * 90)) == "TypeError: Long"
    text = "could not be deserialized. Could not locate class 'Scale'. Make sure that"
    assert brief(TypeError(text * 9)) == "TypeError: Could not locate class 'Scale'"


def test_the_script_imports_nothing_of_this_package() -> None:
    code = "import sys, runpy; runpy.run_path(sys.argv[1]); print(any(name[:5] == 'study' for name in sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code, fresh_opening.__file__], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
