"""The table's columns: one schema, by which rows are written, files are read and figures are checked."""

import pytest

from study.inference import columns
from study.inference.columns import EPOCHS, TABLE, needed, of_kind, row, with_prefix


def test_a_name_stands_once_in_a_schema() -> None:
    for schema in (TABLE, EPOCHS):
        names = [column.name for column in schema]
        assert len(set(names)) == len(names)


def test_both_schemas_agree_about_the_columns_that_they_share() -> None:
    assert {column for column in EPOCHS if column.name != "epoch"} <= set(TABLE)


def test_effects_need_less_than_figures() -> None:
    assert needed(TABLE, "effects") == ["study", "point", "seed", "state", "objective", "direction"]
    assert needed(TABLE, "effects", "figures") == [
        *("study", "key", "point", "seed", "state", "objective", "direction"),
        *("epochs", "train_examples", "validation_examples"),
    ]
    assert needed(EPOCHS, "effects", "figures") == ["study", "key", "point", "seed", "epoch"]


def test_a_column_of_many_has_the_kind_of_its_prefix_and_a_strange_one_none() -> None:
    names = ["metric.val_acc", "level.width", "version.keras", "timing.train", "seed", "epoch", "colour", "metrics"]
    assert of_kind(names, "number") == ["metric.val_acc", "timing.train", "seed", "epoch"]
    assert of_kind(names, "text") == ["version.keras"]
    assert of_kind(names, "mixed") == ["level.width"]


def test_columns_and_names_translate_into_each_other() -> None:
    assert columns.level_column("x.y") == "level.x.y"
    assert columns.metric_name(columns.metric_column("metric.a")) == "metric.a"
    assert with_prefix(["level.b", "seed", "level.level.a", "levels"], columns.LEVEL) == {
        "b": "level.b",
        "level.a": "level.level.a",
    }


METRICS = ["metric.loss", "metric.acc"]


def test_a_row_has_the_order_of_the_schema_whatever_the_order_of_its_values() -> None:
    about = {"epoch": 1, "data": "f", "phase": "", "seed": 0}
    values = {**about, "point": "baseline", "changes": "{}", "key": "k", "study": "s"}
    made = row(EPOCHS, values, {columns.METRIC: {"loss": 0.5, "acc": 1.0}})
    assert list(made) == ["study", "key", "point", "changes", "seed", "phase", "data", "epoch", *METRICS]
    assert made["metric.acc"] == 1.0


def test_a_row_lacks_nothing() -> None:
    with pytest.raises(KeyError, match="seed"):
        row(
            EPOCHS,
            {"epoch": 1, "phase": "", "point": "baseline", "changes": "{}", "key": "k", "study": "s"},
            {columns.METRIC: {}},
        )
