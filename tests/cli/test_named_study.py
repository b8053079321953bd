"""Which study, and which cell, a name on the command line means."""

import argparse
from pathlib import Path

import pytest

from study.cli.named_study import named_cell, named_ledger, named_study
from study.errors import StoreError, StudyError
from study.ledger.ledger import Ledger
from tests.conftest import ROOT, SMOKE
from tests.trial_functions import space


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with Ledger.own(tmp_path, space()):
        return tmp_path


def named(store: Path, name: str, key: str = "") -> argparse.Namespace:
    return argparse.Namespace(store=store, name=name, key=key)


def test_a_study_is_named_by_its_name_or_by_its_file(store: Path) -> None:
    ledger, asked = named_study(named(store, "played"))
    assert ledger is not None
    assert asked.name == ledger.space.name == "played"
    ledger, asked = named_study(named(store, str(ROOT / SMOKE)))
    assert (ledger, asked.name) == (None, "smoke")


def test_a_study_that_never_ran_has_no_ledger(store: Path) -> None:
    assert named_ledger(named(store, "played")).space.name == "played"
    with pytest.raises(StoreError, match="study 'smoke' has not run yet"):
        named_ledger(named(store, str(ROOT / SMOKE)))


def test_a_cell_is_named_by_the_beginning_of_its_key(store: Path) -> None:
    cells = Ledger.read(store, "played").cells()
    assert named_cell(named(store, "played", cells[2].config.key[:12]))[1] == cells[2]
    with pytest.raises(StudyError, match="no cell has the key 'zzz'; keys are "):
        named_cell(named(store, "played", "zzz"))
    with pytest.raises(StudyError, match="6 cells begin with ''"):
        named_cell(named(store, "played"))
