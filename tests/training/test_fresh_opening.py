"""Opening a model's file where nothing of the task is known."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.training import fresh_opening
from study.training.fresh_opening import FILE, SAMPLE_ANSWERS, SAMPLE_INPUTS, brief, problem

ROWS = np.ones((2, 3), np.float32)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """A model whose file, inputs and answers lie in the folder."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save(tmp_path / FILE)
    np.save(tmp_path / SAMPLE_INPUTS, ROWS)
    np.savez(tmp_path / SAMPLE_ANSWERS, model.predict(ROWS, verbose=0))
    return model


def test_a_file_that_answers_as_the_model_did_has_no_problem(written: Any, tmp_path: Path) -> None:
    assert problem(tmp_path, FILE) == ""


def test_other_answers_are_a_problem(written: Any, tmp_path: Path) -> None:
    for other in (np.zeros((2, 2)), np.zeros((2, 3))):
        np.savez(tmp_path / SAMPLE_ANSWERS, other)
        assert problem(tmp_path, FILE) == "the opened model gives other answers than the trained one"


def test_a_file_that_does_not_open_is_a_problem(written: Any, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no model")
    assert problem(tmp_path, FILE).startswith("ValueError: ")


def test_an_error_is_brief() -> None:
    assert brief(NotImplementedError()) == "NotImplementedError"
    assert brief(ValueError("a\n  b")) == "ValueError: a b"
    assert brief(TypeError("Long. " * 90)) == "TypeError: Long"
    text = "could not be deserialized. Could not locate class 'Scale'. Make sure that"
    assert brief(TypeError(text * 9)) == "TypeError: Could not locate class 'Scale'"


def test_the_script_imports_nothing_of_this_package() -> None:
    code = "import sys, runpy; runpy.run_path(sys.argv[1]); print(any(name[:5] == 'study' for name in sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code, fresh_opening.__file__], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
