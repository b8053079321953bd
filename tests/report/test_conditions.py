"""What was fixed, and what a study ran on."""

from study.report.conditions import budget, fixed_section, version_section
from study.report.parts import Section
from tests.analysis.synthetic_tables import table


def rows_of(section: Section) -> dict[str, str]:
    return {row[0]: row[1] for row in section.tables[0].rows}


def test_the_budget_and_the_fixed_settings_have_rows() -> None:
    cells = table().assign(fixed="optimizer=adam batch_size=32", vary="weights order", margin=0.02)
    made = fixed_section(cells)
    rows = rows_of(made)
    assert rows["objective"] == "maximize val_acc"
    assert rows["margin"] == "±0.02"
    assert rows["seeds"] == "0, 1, 2"
    assert rows["what differs between seeds"] == "weights, order"
    assert (rows["optimizer"], rows["batch_size"]) == ("adam", "32")
    assert (rows["epochs"], rows["training examples"], rows["validation examples"]) == ("6", "4,000", "2,000")
    assert made.sentences[0].startswith("Scientific: conv_depth, width, pooling")


def test_several_budgets_stand_side_by_side() -> None:
    cells = table()
    cells.loc[cells["seed"] == 0, "train_examples"] = 500
    assert dict(budget(cells))["training examples"] == "500 or 4,000"
    assert list(budget(table()[["study", "point"]])) == []


def test_versions_are_those_of_the_cells() -> None:
    cells = table().assign(**{"version.keras": "3.10", "code": "a"})
    made = version_section(cells)
    rows = rows_of(made)
    assert rows == {"backend": "tensorflow", "device": "cpu", "threads": "2", "code": "a", "keras": "3.10"}
    assert made.sentences == ["All complete cells ran alike."]


def test_a_mixture_is_said() -> None:
    cells = table()
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    made = version_section(cells)
    assert made.sentences[0].startswith("Not all ran alike: device cpu, gpu. Confounded: width=8")
    assert rows_of(made)["device"] == "cpu, gpu"


def test_a_table_without_an_environment_has_no_table_of_it() -> None:
    cells = table().drop(columns=["backend", "device", "threads"])
    assert version_section(cells).tables == []
