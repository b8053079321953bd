"""A study that a user names: by its name, its file or an exported table, and one clear line if there is none."""

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from study import results
from study.errors import StoreError
from study.ledger import named_tables
from study.ledger.ledger import Ledger
from study.ledger.named_tables import StudyTables, name_of, read_epochs, read_table
from tests.ledger.test_tables import store_of
from tests.toy_task import DEPTH
from tests.trial_functions import space


def test_a_source_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_text("no table")
    with pytest.raises(StoreError, match="no study 'played'"):
        read_table("played", store=tmp_path)
    with pytest.raises(StoreError, match=r"absent\.csv: no such file; `study export NAME --out absent\.csv` makes one"):
        read_table(str(tmp_path / "absent.csv"), store=tmp_path)
    with pytest.raises(StoreError, match="is not a table that `study export` wrote"):
        read_table(str(tmp_path / "broken.parquet"), store=tmp_path)


def test_a_study_may_be_named_by_its_file() -> None:
    assert name_of("search_spaces/smoke.toml") == "smoke"
    assert name_of("smoke") == "smoke"


def test_users_find_them_beside_their_studies() -> None:
    names = ("name_of", "read_epochs", "read_table")
    assert [getattr(results, name) for name in names] == [getattr(named_tables, name) for name in names]


def test_a_stored_study_is_read_once_for_both_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = StudyTables(Ledger.read(store_of(tmp_path, space(DEPTH)), "played"))
    assert_frame_equal(read.table, read_table("played", store=tmp_path))
    assert_frame_equal(read.epochs, read_epochs("played", store=tmp_path))
    monkeypatch.delattr(Ledger, "cells")
    assert len(read.table) == len(read.epochs["key"].unique())
