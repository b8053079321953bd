"""The tidy table: what counts, what compares, what a point changes."""

import numpy as np
import pytest

from study.errors import InferenceError
from study.inference import cell_table
from tests.analysis.synthetic_tables import epochs, grid, sweep, table


def test_a_state_of_ones_own_is_left_out_and_counted() -> None:
    assert cell_table.left_out(table(states={("baseline", 0): "lost", ("width=8", 1): "running"})) == {
        "running": 1,
        "lost": 1,
    }


def test_a_study_of_which_nothing_ran_has_no_complete_cell() -> None:
    cells = table().assign(state="missing")
    bare = cells[[column for column in cells.columns if "metric." not in str(column)]]
    assert cell_table.complete(bare).empty
    assert cell_table.left_out(bare) == {"missing": 18}


def test_objective_must_be_one_and_there() -> None:
    cells = table()
    assert cell_table.objective(cells) == "metric.val_acc"
    with pytest.raises(InferenceError, match=r"no column metric\.f1"):
        cell_table.objective(cells.assign(objective="f1"))
    with pytest.raises(InferenceError, match="has 2"):
        cell_table.objective(cells.assign(objective=["a", "b"] * 9))


def test_a_factor_is_seen_alone_where_the_design_isolates_it() -> None:
    cells = grid()
    assert cell_table.varied(cells) == ["conv_depth", "pooling", "coordinates"]
    alone = cell_table.around_baseline(cells, ["conv_depth"])
    assert set(alone["point"]) == {"baseline", "conv_depth=2", "conv_depth=4"}
    assert cell_table.isolated(cells, "conv_depth")
    assert not cell_table.isolated(sweep(), "width")
    # A search of one factor chose its levels by their values.
    assert not cell_table.isolated(table().assign(phase="search"), "conv_depth")


def test_factors_are_crossed_where_points_change_just_the_two() -> None:
    assert cell_table.crossed_pairs(grid()) == [
        ("conv_depth", "pooling"),
        ("conv_depth", "coordinates"),
        ("pooling", "coordinates"),
    ]
    assert cell_table.crossed_pairs(table()) == []


def test_a_few_sampled_pairs_are_no_grid() -> None:
    # 17 points over 3 × 17 levels: a table of them would be empty for the most part.
    assert cell_table.crossed_pairs(sweep()) == []


def test_a_curve_that_ends_in_nan_is_not_whole() -> None:
    curves = epochs(table())
    curves.loc[(curves["key"] == "width=8/0") & (curves["epoch"] == 6), "metric.val_acc"] = np.nan
    whole = cell_table.whole_curves(curves, metric="val_acc")
    assert set(curves.loc[~whole, "key"]) == {"width=8/0"}


def test_seeds_that_were_added_after_results_cost_what_peeking_costs() -> None:
    grown = table().assign(revised="after 18 results: seeds 0 1 2 → 0 1 2 3 4, margin none → 0.1")
    assert "in 11 % of studies without any effect after three looks" in cell_table.revision_sentence(grown)
    for other in ("margin none → 0.1", "seeds 0 1 2 → 0 1", "seeds 0 1 → looks at 5 and 8", "seeds 0 1 → 2 3"):
        assert "looks` in place" not in cell_table.revision_sentence(
            table().assign(revised=f"after 18 results: {other}")
        )


def test_what_does_not_allow_for_looks_is_told() -> None:
    assert cell_table.looks_sentence(table()) == ""
    assert "trends, interactions" in cell_table.looks_sentence(table().assign(looks="5 8"))
