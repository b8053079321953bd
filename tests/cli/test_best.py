"""The commands about a study's best point."""

import re
from pathlib import Path

import pytest

from study import cli
from study.cli import best
from study.space.design import Confirm, Design
from study.space.objective import Objective
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("best", "nothing"), "no study 'nothing'"),
        (("verify", "played"), "task 'toy' offers no fresh examples; give it fresh(settings, *, count, seed) and text"),
        (("verify", "played", "--count", "0"), "must be a whole number of at least 1"),
        (("export-model", "played", "--out", "{store}"), "exists already; give a folder that is new or empty"),
    ],
)
def test_bad_input_gets_a_clear_line(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, space(seeds=(0,)))
    given = [argument.format(store=tmp_path) for argument in arguments]
    try:
        status = cli.main([*given, "--store", str(tmp_path)])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2
    assert words in capsys.readouterr().err


def test_a_study_with_missing_cells_shows_its_best_and_opens_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, space(), most=2)
    for command in (["best", "--test"], ["verify"], ["export-model", "--out", str(tmp_path / "out")]):
        assert cli.main([command[0], "played", *command[1:], "--store", str(tmp_path)]) == 2
        assert "study 'played' has no final winner: 4 cells are missing" in capsys.readouterr().err
    assert cli.main(["best", "played", "--store", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "4 cells are missing, so another point may still win" in out
    assert "never opened" in out


def test_of_two_objectives_the_front_stands_beside_the_best_by_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = Design("sweep", trials=8, confirm=Confirm(top=2, seeds=1))
    both = (Objective("val_acc", "maximize"), Objective("parameters", "minimize"))
    run(tmp_path, space(DEPTH, POOLING, design=how, seeds=(0,), objectives=both), most=4)
    assert cli.main(["best", "played", "--store", str(tmp_path)]) == 0
    top, front = re.findall(r"points is (.+)|minimize parameters\): (.+)", capsys.readouterr().out)
    assert front[1] == top[0]  # All models of the toy are of one size.


@pytest.mark.parametrize(("version", "status"), [("models:/played/3", 0), ("", 1), (None, 1)])
def test_the_model_has_an_address_that_stays_and_without_one_something_is_not_well(
    version: str | None,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(tmp_path, space(seeds=(0,)))
    monkeypatch.setattr(best, "log_best_model", lambda *given, **options: version)
    assert cli.main(["best", "played", "--store", str(tmp_path)]) == status
    out = capsys.readouterr().out
    assert ("its model is models:/played@best, now models:/played/3" in out) == (status == 0)
    assert ('load_model("models:/played@best")' in out) == (status == 0)
