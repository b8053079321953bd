"""The test split is opened on request, and every opening is recorded."""

from pathlib import Path

import pytest

from analysis.drawing.caption import details
from study import cli
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.results import load_study, read_table
from study.winner.choice import choose


@pytest.mark.slow
def test_opening_the_test_split_is_recorded_counted_and_said(
    smoke: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(smoke[0])
    ledger = Ledger.read(smoke[0], "smoke")
    before = len(holdout.read_openings(ledger.folder))
    assert cli.main(["best", "smoke", "--test", "--store", store]) == 0
    out = capsys.readouterr().out
    (opening,) = holdout.read_openings(ledger.folder)[before:]
    assert (opening.examples, opening.key) == (10_000, choose(ledger).cell.config.key)
    assert 0.05 < opening.scores["acc"] < 0.2
    assert f"{opening.scores['acc']:.4f}\n" in out
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in out
    assert cli.main(["best", "smoke", "--store", store]) == 0
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in capsys.readouterr().out
    assert cli.main(["status", "smoke", "--store", store]) == 0
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in capsys.readouterr().out
    assert holdout.openings_in_words(holdout.read_openings(ledger.folder)) in repr(load_study("smoke", store=store))
    cells = read_table("smoke", store=smoke[0])
    times = f"{before + 1} times" if before else "once"
    assert f"The test split was opened {times} so far." in details(cells, note="")
