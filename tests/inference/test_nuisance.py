"""Scientific, nuisance and fixed factors: told apart, and nuisance ones at their best."""

import pandas as pd

from study.inference.cell_table import varied
from study.inference.effects import compute_effects
from study.inference.nuisance import (
    at_best_nuisance,
    best_nuisance_levels,
    fixed_levels,
    nuisance_factors,
    scope_sentence,
)
from tests.analysis.synthetic_tables import grid, sweep, table

FIXED = "optimizer=adam batch_size=32"


def said(cells: pd.DataFrame, names: str = "") -> pd.DataFrame:
    """As an export of today has it."""
    return cells.assign(nuisance=names, fixed=FIXED)


def test_of_a_grid_each_point_is_taken_at_its_best_level() -> None:
    cells = said(grid(), "conv_depth")
    # A change of the i-th point adds 0.02 i, and 4 comes last: let flatten be best at 2.
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "metric.val_acc"] = 0.9
    best = at_best_nuisance(cells)
    assert list(best["point"].unique()) == ["pooling=flatten", "baseline", "coordinates=true",
                                            "pooling=flatten coordinates=true"]  # fmt: skip
    assert set(best.loc[best["point"] == "pooling=flatten", "level.conv_depth"]) == {2}
    assert set(best.loc[best["point"] != "pooling=flatten", "level.conv_depth"]) == {4}
    assert varied(best) == ["pooling", "coordinates"]
    assert {effect.point for effect in compute_effects(best)} == set(best["point"]) - {"baseline"}
    assert best_nuisance_levels(best) == {
        point: [f"conv_depth {2 if point == 'pooling=flatten' else 4}"] for point in best["point"]
    }
    assert "nuisance: conv_depth, at its best level for each point (optimised over" in scope_sentence(best)
    assert "biased upward" in scope_sentence(best)


def test_less_is_best_where_the_objective_is_minimised() -> None:
    best = at_best_nuisance(said(grid(), "conv_depth").assign(direction="minimize"))
    assert set(best["level.conv_depth"]) == {7}


def test_a_level_at_which_seeds_diverge_is_not_the_best() -> None:
    cells = said(grid(), "conv_depth")
    cells.loc[cells["key"] == "conv_depth=4 pooling=flatten/0", "state"] = "diverged"
    best = at_best_nuisance(cells)
    assert set(best.loc[best["point"] == "pooling=flatten", "level.conv_depth"]) == {2}


def test_where_not_all_were_tried_at_the_same_levels_nothing_is_chosen() -> None:
    for cells in (said(table(), "conv_depth"), said(sweep(), "learning_rate"), said(grid()), grid()):
        assert at_best_nuisance(cells) is cells
        assert best_nuisance_levels(cells) == {}


def test_nothing_is_chosen_where_nothing_else_is_asked_about_or_a_search_chose() -> None:
    alone = said(table([{}, {"conv_depth": 2}, {"conv_depth": 7}]), "conv_depth")
    same = said(sweep().replace({"point": {}}), "learning_rate")
    confirmed = same["phase"] == "confirm"
    same.loc[confirmed & (same["point"] != "baseline"), "point"] = "width=8"
    same = same[~confirmed | ~same.duplicated(["phase", "point", "seed"])]
    for cells in (alone, same):
        assert at_best_nuisance(cells) is cells
    assert "not judged on fresh seeds yet" in scope_sentence(said(sweep().query("phase == 'search'"), "learning_rate"))


def test_the_sentence_says_which_and_how() -> None:
    assert scope_sentence(said(table(), "conv_depth")) == (
        "Scientific: width, pooling; nuisance: conv_depth, varied alone; for all else at the baseline's level, 4; "
        "fixed, not tuned for each point: optimizer adam, batch_size 32, 6 epochs, 4,000 training examples; "
        "conclusions hold there."
    )
    assert "learning_rate, chosen by the search for each point and judged on fresh" in scope_sentence(
        said(sweep(), "learning_rate")
    )
    drawn = said(grid(), "conv_depth")
    assert "at the baseline's level, 7" in scope_sentence(drawn[drawn["level.conv_depth"] == 7])
    assert "6 epochs" not in scope_sentence(said(table()), budget=False)


def test_a_table_without_the_budget_says_nothing_of_it() -> None:
    cells = table().drop(columns=["epochs", "train_examples"])
    assert scope_sentence(said(cells, "conv_depth")).endswith("batch_size 32; conclusions hold there.")


def test_an_older_export_says_what_its_baseline_changed() -> None:
    cells = table()
    assert nuisance_factors(cells) == []
    assert fixed_levels(cells) == {"mask": "0"}
    bare = cells.drop(columns=["baseline", "task"])
    assert scope_sentence(bare, budget=False) == "Scientific: conv_depth, width, pooling."
