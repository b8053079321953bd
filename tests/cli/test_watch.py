"""`study watch`."""

from pathlib import Path

import pytest

from study.cli.commands import main
from tests.ledger.launches import run
from tests.trial_functions import space


def test_the_end_says_what_is_there_and_what_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, space(), most=2)
    assert main(["watch", "played", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (
        "study played: 2 of 6 cells are there; nobody runs it now; `study run` with its file goes on\n"
    )
    run(tmp_path, space())
    assert main(["watch", "played", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "study played: 6 of 6 cells are there; `study status played` shows the results\n"


def test_a_study_that_never_ran_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "none", "--store", str(tmp_path)]) == 2
    assert "no study 'none'" in capsys.readouterr().err
