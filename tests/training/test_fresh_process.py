"""A process that knows neither the task nor this package runs one piece of code after another."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from study.data.nest_file import write_arrays
from study.training import fresh_opening
from study.training.fresh_process import FreshProcess, fresh_process


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshProcess]:
    with fresh_process("my_project.digits", modules=()) as process:
        yield process


@pytest.fixture
def expected(tmp_path: Path) -> Path:
    write_arrays(path := tmp_path / "expected.npz", {"0": np.array(1)})
    return path


def test_it_works_in_the_folder_of_the_files_and_prints_what_it_likes(
    fresh: FreshProcess, expected: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "one.npy", 1)
    code = "import numpy as np\nprint('chatter')\nanswers = np.load('one.npy')"
    assert fresh.problem(code, tmp_path, expected=expected) == ""
    assert fresh.problem(code.replace("one", "two"), tmp_path, expected=expected).startswith("FileNotFoundError: ")


@pytest.mark.parametrize("name", ["study.task", "my_project.digits", "tests.conftest"])
def test_neither_this_package_nor_the_task_can_be_imported(
    name: str, fresh: FreshProcess, expected: Path, tmp_path: Path
) -> None:
    assert "Error: " in fresh.problem(f"import {name}\nanswers = 1", tmp_path, expected=expected)


def test_the_task_s_code_is_found_if_it_may_be(fresh: FreshProcess, expected: Path, tmp_path: Path) -> None:
    (tmp_path / "my_project").mkdir()
    (tmp_path / "my_project" / "digits.py").write_text("one = 1")
    code = "from my_project.digits import one\nanswers = one"
    assert fresh.problem(code, tmp_path, expected=expected).startswith("ModuleNotFoundError: ")
    assert fresh.problem(code, tmp_path, expected=expected, folders=[str(tmp_path)]) == ""


def test_a_process_that_ends_early_is_not_taken_for_a_model_that_opens(
    expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.py").write_text("import sys; sys.exit(7)")
    monkeypatch.setattr(fresh_opening, "__file__", str(tmp_path / "script.py"))
    with fresh_process("qr_digits", modules=()) as process:
        text = process.problem("answers = 1", tmp_path, expected=expected)
    assert text == "the process that opened it ended with exit status 7"
