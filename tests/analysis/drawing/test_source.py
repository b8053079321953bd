"""A source: tables of a store or a file with typed columns, and one clear line for a file that lacks something."""

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest

from analysis.drawing.source import FigureError, Source
from study.errors import StudyError
from study.ledger.ledger import Ledger
from tests.analysis.synthetic_tables import csv, epochs, table
from tests.ledger.test_tables import store_of
from tests.toy_task import DEPTH
from tests.trial_functions import space


def source(frame: pd.DataFrame, folder: Path) -> Source:
    return Source(str(csv(frame, folder / "t.csv")), folder)


@pytest.mark.parametrize(("name", "exported"), [("quick", False), ("quick.toml", False), ("a/quick.parquet", True)])
def test_an_exported_file_is_known_by_its_suffix(name: str, exported: bool, tmp_path: Path) -> None:
    assert Source(name, tmp_path).exported is exported


def test_figures_lie_beside_an_export_and_in_the_studys_folder_of_a_store(tmp_path: Path) -> None:
    assert Source("a/b/quick.csv", tmp_path).folder("quick") == Path("a/b")
    assert Source("quick", tmp_path).folder("quick") == tmp_path / "studies" / "quick" / "figures"


def test_a_study_is_read_from_its_store_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, read = store_of(tmp_path, space(DEPTH)), Mock(wraps=Ledger.read)
    monkeypatch.setattr(Ledger, "read", read)
    given = Source("played", store)
    assert given.space == space(DEPTH)
    assert given.table is given.table
    assert set(given.epochs["key"]) <= set(given.table["key"])
    read.assert_called_once_with(store, "played")


def test_columns_have_their_types_and_infinite_numbers_are_missing(tmp_path: Path) -> None:
    cells = table().assign(key=range(18), **{"metric.val_loss": [np.inf, *[1] * 17]})
    read = source(cells, tmp_path).table
    assert set(map(type, read["key"])) == {str}
    assert read["metric.val_loss"].isna().sum() == 1
    assert read["metric.val_acc"].to_numpy() == pytest.approx(cells["metric.val_acc"].to_numpy())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cells: cells.drop(columns=["point", "state"]), "no column point, state; a figure needs `study export"),
        (lambda cells: cells.head(0), "nothing was recorded yet; `study run`"),
        (lambda cells: cells.assign(study=["a", "b"] * 9), "holds 2 studies"),
        (lambda cells: cells.assign(seed="one"), "column seed must hold numbers"),
        (lambda cells: cells.assign(point=None), "point must have a value in every row"),
        (lambda cells: cells.assign(state="failed"), r"no complete cell to draw \(18 failed\); `study run`"),
        (lambda cells: cells.drop(columns="level.conv_depth"), "no column level.conv_depth, although points change"),
    ],
)
def test_a_table_that_cannot_be_drawn_is_refused_with_its_name_and_the_way_out(
    change: object, message: str, tmp_path: Path
) -> None:
    given = source(change(table()), tmp_path)  # type: ignore[operator]
    with pytest.raises(StudyError, match=f"^{given.name}: .*{message}"):
        _ = given.table


def test_a_table_of_cells_has_no_epochs(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no column epoch; curves need `study export NAME --epochs`"):
        _ = source(table(), tmp_path).epochs
    assert len(source(epochs(table()), tmp_path).epochs) == 18 * 6
