"""A study whose task was edited since its cells were run says so in a line."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.cli.code_notes import print_code_notes
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.space.toml_file import read
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import run
from tests.trial_functions import succeed

TASK = "from tests.toy_task import Toy\n\ntask = Toy()\n"
FILE = """
task = "./own.py:task"
seeds = 1
objective = { metric = "val_acc", direction = "maximize" }
design = { kind = "ablation" }
factors = { depth = [3, 4] }
"""


@pytest.fixture
def space(tmp_path: Path) -> SearchSpace:
    """A study of a task in a file of the user's, not run yet."""
    (tmp_path / "own.py").write_text(TASK)
    (tmp_path / "own.toml").write_text(FILE)
    return read(tmp_path / "own.toml")


def of_this_code(config: TrialConfig) -> TrialResult:
    return replace(succeed(config), code=code_of(config).fingerprint)


def test_a_study_that_never_ran_has_no_note(
    space: SearchSpace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_code_notes(space, tmp_path / "store")
    assert capsys.readouterr().out == ""


def test_a_changed_file_is_named_with_its_cells(
    space: SearchSpace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "store", space, of_this_code)
    print_code_notes(space, tmp_path / "store")
    assert capsys.readouterr().out == ""
    (tmp_path / "own.py").write_text(f"{TASK}# Edited.\n")
    print_code_notes(space, tmp_path / "store")
    (line,) = capsys.readouterr().out.splitlines()
    assert "changed after 2 cells" in line
