"""The sections about cells: their cost, those in no mean, and all of them."""

import numpy as np

from study.report import costs
from study.report.costs import cell_section, cost_section, loss_section
from tests.analysis.synthetic_tables import sweep, table


def test_each_point_has_its_mean_costs() -> None:
    made = cost_section(table())
    (shown,) = made.tables
    assert shown.columns == ["point", "trials", "parameters", "FLOPs", "seconds a trial"]
    assert list(shown.rows[1]) == ["conv_depth=2", "3", "2,000", "1 M", "33"]
    seconds = table()["seconds"].sum()
    assert made.sentences == [f"The last trials of 18 cells took {seconds / 60:.0f} min together."]


def test_a_table_without_costs_has_none() -> None:
    made = cost_section(table().drop(columns=["parameters", "flops", "seconds"]))
    assert made.tables == []
    assert made.sentences == ["The table has no seconds."]
    unknown = cost_section(table().assign(flops=np.nan))
    assert "FLOPs" not in unknown.tables[0].columns


def test_lost_cells_are_named_with_their_reasons() -> None:
    cells = table(states={("width=8", 1): "failed", ("conv_depth=7", 0): "missing"})
    cells["reason"] = np.where(cells["state"] == "failed", "out of\nmemory \x1b[31m", "")
    made = loss_section(cells)
    assert made.sentences[0] == "In no mean: 1 failed, 1 missing."
    assert [list(row) for row in made.tables[0].rows] == [
        ["conv_depth=7", "missing", "0", ""],
        ["width=8", "failed", "1", "out of memory"],
    ]
    assert loss_section(table()).sentences == ["No cell was left out."]


def test_every_cell_has_a_row() -> None:
    made = cell_section(sweep())
    (shown,) = made.tables
    assert len(shown.rows) == len(sweep())
    assert shown.columns[:4] == ["point", "state", "width", "learning_rate"]
    assert shown.folded == f"all {len(sweep())} cells"


def test_a_large_study_shows_its_first_cells(monkeypatch: "object") -> None:
    monkeypatch.setattr(costs, "MOST_CELLS", 4)  # type: ignore[attr-defined]
    (shown,) = cell_section(table()).tables
    assert len(shown.rows) == 4
    assert shown.folded == "the first 4 of 18 cells"
