"""A grid's effects: every cell mean alike, by hand; what cannot be estimated is said, not averaged."""

import math
from itertools import product

import pandas as pd
import pytest
from scipy import stats

from study.inference.factorial import Term, grid_sentence, is_grid, terms
from study.inference.multiplicity import holm
from tests.analysis.synthetic_tables import BASE, Point, grid, sweep, table

SQUARE: list[Point] = [{}, {"width": 8}, {"pooling": "flatten"}, {"width": 8, "pooling": "flatten"}]


def square() -> pd.DataFrame:
    """Width × pooling, five seeds each."""
    return table(SQUARE, base={factor: BASE[factor] for factor in ("width", "pooling")}, seeds=5)


def by_name(cells: pd.DataFrame) -> dict[str, Term]:
    return {term.name: term for term in terms(cells)}


def test_a_grid_is_what_was_varied_together_by_design() -> None:
    assert is_grid(grid())
    assert not is_grid(table())
    assert not is_grid(sweep())


def test_main_effects_are_means_over_the_other_factors_levels() -> None:
    cells = grid()
    means = cells.groupby("point")["metric.val_acc"].mean()
    others = ["", "pooling=flatten", "coordinates=true", "pooling=flatten coordinates=true"]
    expected = sum(means[f"conv_depth=2 {other}".strip()] - means[other or "baseline"] for other in others) / len(
        others
    )
    term = by_name(cells)["conv_depth=2"]
    assert term.difference.value == pytest.approx(expected)
    assert (term.over, term.planned) == (4, 4)


def test_a_main_effects_interval_is_satterthwaites() -> None:
    cells = square()
    groups = {point: group.to_numpy() for point, group in cells.groupby("point")["metric.val_acc"]}
    plus, minus = ["width=8 pooling=flatten", "width=8"], ["baseline", "pooling=flatten"]
    value = (sum(groups[point].mean() for point in plus) - sum(groups[point].mean() for point in minus)) / 2
    parts = [group.var(ddof=1) / 5 / 4 for group in groups.values()]
    freedom, error = sum(parts) ** 2 / sum(part**2 / 4 for part in parts), math.sqrt(sum(parts))
    half = stats.t.ppf(0.975, freedom) * error
    found = by_name(cells)["width=8"].difference
    assert found == pytest.approx((value, value - half, value + half, 2 * stats.t.sf(abs(value) / error, freedom)))


def test_an_interaction_is_a_difference_of_differences_with_satterthwaites_interval() -> None:
    cells = square()
    groups = {point: group.to_numpy() for point, group in cells.groupby("point")["metric.val_acc"]}
    plus, minus = ["width=8 pooling=flatten", "baseline"], ["width=8", "pooling=flatten"]
    value = sum(groups[point].mean() for point in plus) - sum(groups[point].mean() for point in minus)
    parts = [group.var(ddof=1) / 5 for group in groups.values()]
    freedom = sum(parts) ** 2 / sum(part**2 / 4 for part in parts)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    term = by_name(cells)["width=8 × pooling=flatten"]
    assert term.difference[:3] == pytest.approx((value, value - half, value + half))
    assert term.difference.p == pytest.approx(2 * stats.t.sf(abs(value) / math.sqrt(sum(parts)), freedom))


def test_every_effect_is_there_and_all_are_one_family() -> None:
    found = terms(grid())
    assert len(found) == (2 + 1 + 1) + (2 + 2 + 1)
    assert [term.adjusted for term in found] == pytest.approx(holm([term.difference.p for term in found]))


def test_a_cell_with_fewer_seeds_weighs_as_much() -> None:
    cells = square()
    cells.loc[(cells["point"] == "width=8") & (cells["seed"] > 1), "state"] = "diverged"
    means = cells[cells["state"] == "complete"].groupby("point")["metric.val_acc"].mean()
    expected = (means["width=8"] - means["baseline"] + means["width=8 pooling=flatten"] - means["pooling=flatten"]) / 2
    assert by_name(cells)["width=8"].difference.value == pytest.approx(expected)


def test_an_empty_cell_makes_its_effects_not_estimable_and_no_others() -> None:
    cells = grid()
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "state"] = "failed"
    found = by_name(cells)
    assert found["conv_depth=2"].problem == "not estimable: no complete cell at conv_depth=2 pooling=flatten"
    assert math.isnan(found["conv_depth=2"].difference.value)
    assert math.isnan(found["conv_depth=2"].adjusted)
    assert found["conv_depth=4"].problem == ""
    assert {name for name, term in found.items() if term.problem} == {
        "conv_depth=2", "pooling=flatten", "coordinates=true", "conv_depth=2 × pooling=flatten",
        "conv_depth=2 × coordinates=true", "pooling=flatten × coordinates=true",
    }  # fmt: skip
    known = [term for term in found.values() if not term.problem]
    assert [term.adjusted for term in known] == pytest.approx(holm([term.difference.p for term in known]))


def test_cells_that_a_condition_leaves_out_are_counted() -> None:
    cells = grid()
    conditional = cells[~cells["point"].str.contains("conv_depth=2") | ~cells["point"].str.contains("coordinates")]
    found = by_name(conditional)
    assert (found["conv_depth=2"].over, found["conv_depth=2"].planned) == (2, 4)
    assert (found["coordinates=true"].over, found["coordinates=true"].planned) == (4, 6)
    assert "conv_depth=2 × coordinates=true" in found
    assert found["conv_depth=2 × coordinates=true"].problem == "not estimable: the grid has no such cells"


def test_one_seed_a_cell_has_differences_and_no_tests() -> None:
    cells = grid()
    found = terms(cells[cells["seed"] == 0])
    assert all(math.isfinite(term.difference.value) and math.isnan(term.adjusted) for term in found)


def test_a_level_that_ran_elsewhere_is_confounded() -> None:
    cells = square()
    cells.loc[cells["level.width"] == 8, "device"] = "gpu"
    found = by_name(cells)
    assert found["width=8"].problem == "confounded with device"
    assert found["pooling=flatten"].problem == ""


def test_one_cell_that_ran_elsewhere_makes_every_effect_it_enters_confounded() -> None:
    cells = square()
    cells.loc[cells["point"] == "width=8 pooling=flatten", "device"] = "gpu"
    assert {term.problem for term in terms(cells)} == {"confounded with device"}
    # Where every cell has a partner that ran alike on the other side, what the device does cancels.
    cells = square()
    cells.loc[cells["seed"] < 2, "device"] = "gpu"
    assert {term.problem for term in terms(cells)} == {""}


def test_levels_of_two_factors_go_together_in_the_order_of_the_table() -> None:
    names = [term.name for term in terms(grid())]
    assert names[:4] == ["conv_depth=2", "conv_depth=4", "pooling=flatten", "coordinates=true"]
    assert names[4:6] == [f"conv_depth={depth} × pooling=flatten" for depth in (2, 4)]
    assert len(set(names)) == len(list(product(range(3), range(3))))


def test_declared_pairs_are_compared_seed_by_seed() -> None:
    cells = square().assign(paired=True)
    cells["metric.val_acc"] += 0.1 * cells["seed"]
    cells.loc[cells["key"] == "width=8/0", "state"] = "failed"
    wide = cells[cells["seed"] > 0].pivot(index="seed", columns="point", values="metric.val_acc")
    per_seed = wide["width=8 pooling=flatten"] - wide["width=8"] - wide["pooling=flatten"] + wide["baseline"]
    found = by_name(cells)["width=8 × pooling=flatten"].difference
    assert (found.value, found.p) == pytest.approx((per_seed.mean(), stats.ttest_1samp(per_seed, 0).pvalue))


def test_the_sentence_names_the_largest_and_says_what_is_lost() -> None:
    cells = grid()
    assert "4 of 9 effects are shown (Holm, 5 %), no interaction among them: conv_depth=4" in grid_sentence(
        terms(cells)
    )
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "state"] = "failed"
    assert grid_sentence(terms(cells)).endswith("6 of 9 effects cannot be estimated.")
    assert "can be tested" in grid_sentence(terms(grid()[grid()["seed"] == 0]))
