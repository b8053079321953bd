"""A table in a file: it comes back as it was written."""

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from study.errors import StoreError
from study.inference.exported_file import read_export, uniform
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.results import read_epochs, read_table
from study.space.factor import Factor
from tests.analysis.synthetic_tables import table as synthetic
from tests.ledger.test_tables import by_depth, store_of
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import space

MASK = Factor("mask", ("library", 0, 1), ("library", 0, 1))


def written(frame: pd.DataFrame, path: Path) -> str:
    """Export as the command does."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return str(path)


NONE = Factor("pooling", ("max", "none", "NA", "nan", "null"), ("max", "none", "NA", "nan", "null"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("factors", [(DEPTH, NORM), (MASK, POOLING), (NONE,)])
def test_a_file_gives_back_what_was_written(tmp_path: Path, suffix: str, factors: tuple[Factor, ...]) -> None:
    store_of(tmp_path, space(*factors, name="0123"))
    frame = read_table("0123", store=tmp_path)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert_frame_equal(back, frame)
    for column in frame.filter(like="level."):
        assert list(back[column]) == list(frame[column])
        assert list(map(type, back[column])) == list(map(type, frame[column]))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_study_with_failures_and_gaps_survives_a_file(tmp_path: Path, suffix: str) -> None:
    store_of(tmp_path, space(DEPTH, MASK, max_retries=0), by_depth)
    frame = read_table("played", store=tmp_path)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert_frame_equal(back, frame)
    assert list(back["reason"]) == list(frame["reason"])
    curves = read_epochs("played", store=tmp_path)
    assert_frame_equal(read_epochs(written(curves, tmp_path / f"epochs{suffix}"), store=tmp_path), curves)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_study_that_has_not_begun_survives_a_file(tmp_path: Path, suffix: str) -> None:
    with Ledger.own(tmp_path, space(DEPTH, MASK)) as ledger:
        frame = table(ledger)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert list(back) == list(frame)
    assert list(back["state"]) == ["missing"] * 10
    assert list(back["phase"]) == list(back["reason"]) == [""] * 10
    assert back["backend"].isna().all()


def test_levels_of_texts_and_numbers_are_texts_everywhere(tmp_path: Path) -> None:
    frame = read_table("played", store=store_of(tmp_path, space(MASK, seeds=(0,))))
    assert list(frame["level.mask"]) == ["library", "0", "1"]
    assert_frame_equal(uniform(frame), frame)


@pytest.mark.parametrize(
    ("levels", "written"),
    [
        ([True, 2], ["true", "2"]),
        ([0.5, "x", False], ["0.5", "x", "false"]),
        ([2**64, 1], ["18446744073709551616", "1"]),
        ([1, 2.5], [1.0, 2.5]),
        ([True, False], [True, False]),
    ],
)
def test_levels_of_several_kinds_are_written_as_texts(
    levels: list[object], written: list[object], tmp_path: Path
) -> None:
    frame = uniform(pd.DataFrame({"level.a": pd.Series(levels, dtype=object).infer_objects()}))
    frame.to_parquet(tmp_path / "t.parquet")
    assert list(read_export(tmp_path / "t.parquet")["level.a"]) == written


@pytest.mark.parametrize("value", ["abc", "0,42", "True", "\uff11x", "1\0"])
@pytest.mark.parametrize("column", ["metric.val_acc", "seed", "epochs", "test_openings"])
def test_what_is_no_number_is_refused_with_its_column(column: str, value: str, tmp_path: Path) -> None:
    cells = synthetic().astype({"seed": object, "epochs": object, "metric.val_acc": object}).assign(test_openings=0)
    cells = cells.astype({"test_openings": object})
    cells.loc[3, column] = value
    path = written(cells, tmp_path / "t.csv")
    with pytest.raises(
        StoreError, match=rf"t\.csv: is not a table that `study export` wrote: column {column} must hold"
    ):
        read_table(path, store=tmp_path)


def test_a_number_that_is_none_is_missing(tmp_path: Path) -> None:
    cells = synthetic().astype({"metric.val_acc": object})
    cells.loc[3, "metric.val_acc"] = "nan"
    back = read_table(written(cells, tmp_path / "t.csv"), store=tmp_path)
    assert back["metric.val_acc"].isna().sum() == 1
