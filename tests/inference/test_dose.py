"""A curve over levels: its trend, where more stops paying, and what too few seeds leave open."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.inference.dose import dose, doses, plateau_clause, point_names, trend_sentence
from study.inference.exported_file import read_export
from study.inference.mixture import confounded
from tests.analysis.synthetic_tables import BASE, grid, sweep, table
from tests.conftest import ROOT

HEIGHTS = {1: 0.30, 2: 0.40, 4: 0.50, 8: 0.502, 16: 0.498}
NOISE = (-0.004, 0.001, 0.003, -0.002, 0.002)


def curve(heights: dict[int, float] = HEIGHTS, *, seeds: int = 5, direction: str = "maximize") -> pd.DataFrame:
    """Levels of `conv_depth` at exactly these means, each with the same noise but for its order; baseline 4."""
    cells = table([{}, *({"conv_depth": level} for level in heights if level != 4)], seeds=seeds)
    for turn, (level, height) in enumerate(heights.items()):
        noise = np.roll(NOISE[:seeds], turn)
        cells.loc[cells["level.conv_depth"] == level, "metric.val_acc"] = height + noise - noise.mean()
    return cells.assign(direction=direction)


def test_a_curve_needs_three_numbers_varied_alone() -> None:
    assert doses(table()) == ["conv_depth"]
    assert doses(grid()) == ["conv_depth"]
    assert doses(sweep()) == []
    assert doses(table(states={("conv_depth=7", seed): "failed" for seed in range(3)})) == []


def test_the_trend_is_the_slope_of_means_on_ranks() -> None:
    found = dose(curve(), "conv_depth")
    slope = stats.linregress(range(5), list(HEIGHTS.values())).slope
    assert found.trend.value == pytest.approx(slope)
    assert found.trend.p < 0.001
    weights = [-0.2, -0.1, 0, 0.1, 0.2]
    samples = [curve().query("`level.conv_depth` == @level")["metric.val_acc"] for level in HEIGHTS]
    parts = [weight**2 * sample.var(ddof=1) / 5 for weight, sample in zip(weights, samples, strict=True)]
    freedom, error = sum(parts) ** 2 / sum(part**2 / 4 for part in parts), math.sqrt(sum(parts))
    half = stats.t.ppf(0.975, freedom) * error
    assert found.trend[1:3] == pytest.approx((slope - half, slope + half))
    assert found.trend.p == pytest.approx(2 * stats.t.sf(slope / error, freedom))
    assert found.levels == (1, 2, 4, 8, 16)


def test_more_stops_paying_where_the_margin_says_so() -> None:
    found = dose(curve().assign(margin=0.02), "conv_depth")
    assert (found.beaten_below, found.enough_from, found.decided) == (4, 4, True)
    assert "More conv_depth stops paying at 4: no higher level gains the margin of 0.02" in trend_sentence(found)


def test_without_a_margin_it_is_undecided_and_said_how_far() -> None:
    found = dose(curve(), "conv_depth")
    assert (found.beaten_below, found.decided) == (4, False)
    three = [stats.ttest_ind(*pair, equal_var=False) for pair in pairs_above(curve(), 4)]
    assert found.gain == pytest.approx(max(test.confidence_interval(1 - 0.05 / 2).high for test in three))
    # The highest is shown not to gain anything over 8.
    assert "from 4 to 8 it is undecided" in trend_sentence(found)


@pytest.mark.parametrize("margin", [0.001, 0.005, 0.01, 0.02, 0.11, 0.21])
def test_enough_is_where_no_higher_level_gains_the_margin_one_sided(margin: float) -> None:
    cells = curve()

    def enough(level: int) -> bool:
        tests = [stats.ttest_ind(ours, theirs, equal_var=False) for ours, theirs in pairs_above(cells, level)]
        return all(test.confidence_interval(0.90).high < margin for test in tests)

    levels = list(HEIGHTS)
    expected = next((levels[turn + 1] for turn in reversed(range(4)) if not enough(levels[turn])), levels[0])
    assert dose(cells.assign(margin=margin), "conv_depth").enough_from == expected


def test_a_curve_that_falls_after_its_top_is_decided_without_a_margin() -> None:
    found = dose(curve({1: 0.3, 2: 0.4, 4: 0.5, 8: 0.4}), "conv_depth")
    assert (found.beaten_below, found.enough_from, found.gain, found.decided) == (4, 4, 0, True)
    said = trend_sentence(found)
    assert said.startswith("A peak: conv_depth=4 is shown to be higher than a lower and than a higher level. ")
    assert "More conv_depth stops paying at 4: no higher level gains anything" in said


def test_a_curve_that_still_rises_may_rise_beyond() -> None:
    found = dose(curve({1: 0.3, 2: 0.4, 4: 0.5}), "conv_depth")
    assert (found.beaten_below, found.decided) == (4, False)
    assert "More conv_depth pays up to the highest level, 4, and may beyond." in trend_sentence(found)


def test_less_is_better_where_the_objective_is_minimised() -> None:
    falling = curve({level: 1 - height for level, height in HEIGHTS.items()}, direction="minimize")
    found = dose(falling.assign(margin=0.02), "conv_depth")
    assert (found.beaten_below, found.enough_from) == (4, 4)
    assert found.trend.value < 0


def test_few_seeds_leave_it_undecided_and_one_leaves_all() -> None:
    few = curve({1: 0.490, 2: 0.495, 4: 0.5}, seeds=2)
    assert dose(few, "conv_depth").beaten_below == 1
    one = dose(curve(seeds=1).assign(margin=0.02), "conv_depth")
    assert math.isnan(one.gain)
    assert not one.decided
    assert "not to be tested" in trend_sentence(one)


def test_declared_pairs_are_compared_seed_by_seed() -> None:
    cells = curve({1: 0.3, 2: 0.4, 4: 0.5})
    cells["metric.val_acc"] += 0.1 * cells["seed"]
    cells.loc[cells["key"] == "conv_depth=1/0", "state"] = "diverged"
    assert dose(cells, "conv_depth").trend.p > 0.05
    found = dose(cells.assign(paired=True), "conv_depth")
    whole = cells[cells["seed"] > 0].pivot(index="seed", columns="level.conv_depth", values="metric.val_acc")
    test = stats.ttest_1samp((whole[4] - whole[1]) / 2, 0)
    assert found.trend.p == pytest.approx(test.pvalue)
    assert found.beaten_below == 4


def test_a_level_without_a_complete_cell_is_a_hole() -> None:
    cells = curve()
    cells.loc[cells["point"] == "conv_depth=8", "state"] = "diverged"
    assert "without 8, which no seed completed" in trend_sentence(dose(cells, "conv_depth"))


def test_levels_that_ran_elsewhere_conclude_nothing() -> None:
    cells = curve()
    cells.loc[cells["point"] == "conv_depth=8", "device"] = "gpu"
    found = dose(cells.assign(margin=0.02), "conv_depth")
    assert found.confounded
    assert "confounded" in trend_sentence(found)


def test_ends_of_a_curve_that_ran_apart_conclude_nothing() -> None:
    cells = curve({2: 0.3, 4: 0.4, 8: 0.5})
    cells.loc[(cells["level.conv_depth"] == 8) | ((cells["point"] == "baseline") & (cells["seed"] > 1)), "device"] = (
        "gpu"
    )
    assert confounded(cells) == {}  # Each shares a device with the baseline, but not with the other end.
    assert dose(cells, "conv_depth").confounded


def test_an_unknown_bound_is_not_told_as_a_number() -> None:
    cells = curve({2: 0.4, 3: 0.4, 4: 0.4, 8: 0.4})
    cells.loc[cells["level.conv_depth"].isin([2, 8]), "metric.val_acc"] = 0.4
    said = trend_sentence(dose(cells, "conv_depth"))
    assert "how much is possible is not known" in said
    assert "nan" not in said


@pytest.mark.parametrize(("seeds", "lead"), [(2, "Trend over conv_depth: no conclusion"), (3, "No sure conclusion")])
def test_few_seeds_give_no_sure_conclusion(seeds: int, lead: str) -> None:
    cells = curve({2: 0.1, 4: 0.3, 8: 0.5})
    found = dose(cells[cells["seed"] < seeds], "conv_depth")
    assert found.seeds == seeds
    assert trend_sentence(found).startswith(lead)
    clause = plateau_clause(found)
    assert clause == "" if seeds == 2 else clause.startswith("with fewer than 5 seeds not surely, more pays")


def test_a_share_gains_at_most_what_it_lacks() -> None:
    cells = curve({2: 0.9, 4: 0.91, 8: 0.9})
    cells.loc[:, "metric.val_acc"] += np.resize([0.05, -0.2, 0.08, -0.1, 0.0], len(cells))
    cells["metric.val_acc"] = cells["metric.val_acc"].clip(0, 1)
    found = dose(cells, "conv_depth")
    mine = cells.loc[cells["level.conv_depth"] == found.beaten_below, "metric.val_acc"]
    assert found.gain <= 1 - mine.mean()


def test_the_place_is_not_overstated_more_often_than_said() -> None:
    random = np.random.default_rng(1)
    cells = curve({1: 0.0, 2: 3.0, 4: 3.0, 8: 3.0})
    sds = cells["level.conv_depth"].map({1: 1, 2: 1, 4: 3, 8: 1})
    truth = cells["metric.val_acc"].round(0)
    over = sum(
        dose(
            cells.assign(**{"metric.val_acc": truth + sds * random.normal(size=len(cells))}), "conv_depth"
        ).beaten_below
        > 2
        for _ in range(100)
    )
    assert over <= 8


def pairs_above(cells: pd.DataFrame, level: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each higher level's values, and this one's."""
    values = {key: group.to_numpy() for key, group in cells.groupby("level.conv_depth")["metric.val_acc"]}
    return [(values[high], values[level]) for high in HEIGHTS if high > level]


def test_the_baseline_of_a_single_numeric_factor_stands_at_its_place() -> None:
    curve = table([{}, {"conv_depth": 7}, {"conv_depth": 2}])
    assert point_names(curve) == {
        "conv_depth=2": "conv_depth=2",
        "baseline": "baseline (conv_depth=4)",
        "conv_depth=7": "conv_depth=7",
    }
    rates = table([{}, {"rate": 1e-4}, {"rate": 0.1}], base={"rate": 0.01})
    assert list(point_names(rates)) == ["rate=0.0001", "baseline", "rate=0.1"]


@pytest.mark.parametrize(
    ("points", "base"),
    [
        ([{}, {"pooling": "flatten"}], {"pooling": "max"}),
        ([{}, {"norm": False}], {"norm": True}),
        ([{}, {"width": 8}, {"conv_depth": 2}], BASE),
        ([{}, {"size": "large"}, {"size": 2}], {"size": 1}),
    ],
)
def test_in_any_other_table_the_baseline_comes_first(points: Any, base: Any) -> None:
    cells = table(points, base=base)
    assert next(iter(point_names(cells).items())) == ("baseline", "baseline")
    assert list(point_names(cells)) == list(cells["point"].unique())


def sample(name: str) -> pd.DataFrame:
    return read_export(ROOT / "tests" / "samples" / "verdicts" / f"{name}.csv")


def test_a_valley_after_the_first_level_is_decided_and_told() -> None:
    cells = sample("dose_valley")
    (factor,) = doses(cells)
    found = dose(cells, factor)
    first, second, *_ = found.levels
    assert (found.beaten_below, found.decided, found.never_pays, found.dip) == (first, True, True, second)
    said = trend_sentence(found)
    assert said.startswith(f"A dip: {factor}={second:g} is shown to be lower than a lower and than a higher level. ")
    assert f"More than {factor}={first:g} never pays: each higher level is shown to be worse (95 %)." in said
    assert plateau_clause(found) == f"more than {factor}={first:g} never pays"


def test_a_peak_is_told_before_its_trend() -> None:
    cells = sample("dose_peak")
    (factor,) = doses(cells)
    found = dose(cells, factor)
    third = found.levels[2]
    assert (found.peak, found.dip, found.stops_paying_at) == (third, None, third)
    said = trend_sentence(found)
    assert said.startswith(f"A peak: {factor}={third:g} is shown ")
    assert said.index("Linear trend over the ranks") > said.index(f"More {factor} stops paying at {third:g}")


def test_where_less_is_better_a_dip_is_where_more_stops_paying() -> None:
    falling = curve({1: 0.5, 2: 0.3, 4: 0.4}, direction="minimize")
    found = dose(falling, "conv_depth")
    assert (found.dip, found.stops_paying_at, found.worse_above) == (2, 2, True)
