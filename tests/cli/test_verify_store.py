"""`study verify-store` reads every result, says what does not fit, and sets it aside if asked to."""

from pathlib import Path

import pytest

from study import cli
from study.cli.exit_status import BAD_INPUT, DONE, SOME_FAILED
from study.ledger.store import study_folder
from tests.ledger.launches import run
from tests.ledger.test_store_check import change_digit
from tests.trial_functions import space


def verify(store: Path, *options: str) -> int:
    return cli.main(["verify-store", "--store", str(store), *options])


def test_a_store_is_verified_and_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, space())
    run(tmp_path, space(name="other"))
    assert verify(tmp_path) == DONE
    assert capsys.readouterr().out == "study other: 6 results: all fits\nstudy played: 6 results: all fits\n"
    change_digit(study_folder(tmp_path, "played"))
    assert verify(tmp_path) == SOME_FAILED
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "study other: 6 results: all fits",
        "study played: 6 results: 1 thing does not fit; --repair sets it aside, and its cells run again",
    ]
    assert "is not the curve that was recorded" in shown.err
    assert shown.err.count("\n") == 1
    assert verify(tmp_path, "--repair") == DONE
    assert "1 result was set aside, and the cells run again" in capsys.readouterr().out
    assert len(run(tmp_path, space())) == 1
    assert verify(tmp_path) == DONE


def test_a_folder_without_studies_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(tmp_path) == BAD_INPUT
    assert "holds no study yet" in capsys.readouterr().err
