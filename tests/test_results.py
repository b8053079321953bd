"""Studies as a user reads them: by name or file, as tables, and shown in a notebook."""

from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.results import load_study, name_of, read_epochs, read_table
from tests.ledger.test_tables import by_depth, store_of
from tests.toy_task import DEPTH, NORM
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


def test_a_study_for_use_in_python(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, NORM, description="Deep & <wide>?"))
    study = load_study("played", store=str(tmp_path))
    assert study.space.name == "played"
    assert_frame_equal(study.table, read_table("played", store=tmp_path))
    assert_frame_equal(study.epochs, read_epochs("played", store=tmp_path))
    assert list(study.summary["point"]) == ["baseline", "depth=1", "depth=5", "norm=false"]
    means = study.table.groupby("point")["metric.val_acc"].mean()
    assert (study.best["point"], study.best["mean"]) == (means.idxmax(), pytest.approx(means.max()))


def test_a_study_shows_itself(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, description="Deep & <wide>?"), by_depth)
    study = load_study("played", store=tmp_path)
    first, second, head, *rows, last = repr(study).splitlines()
    assert first == "played: Deep & <wide>?"
    assert second.startswith("maximize val_acc; 6 cells: 2 complete, 2 failed, 2 diverged;")
    assert head.split()[:3] == ["point", "seeds", "mean"]
    assert [row.split()[:2] for row in rows] == [["baseline", "2"]]
    assert "nan" not in rows[0].lower()
    assert last.startswith("Scientific: depth; fixed, not tuned for each point: 3 epochs, 100 training examples")
    page = study._repr_html_()
    assert "Deep &amp; &lt;wide&gt;?" in page
    assert page.count("<tr") == 2
    assert page.endswith(f"<p>{last}</p>")


def test_a_study_of_which_nothing_ran_shows_itself_and_has_no_best(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()):
        pass
    study = load_study("played", store=tmp_path)
    assert "6 missing" in repr(study)
    assert study.summary.empty
    assert "<table" in study._repr_html_()
    with pytest.raises(StoreError, match="no cell is complete"):
        _ = study.best
    with pytest.raises(StoreError, match="no study 'other'"):
        load_study("other", store=tmp_path)
