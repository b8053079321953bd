"""Intervals, differences and effects: against SciPy by hand, against simulation, and nothing averaged in silence."""

import math

import numpy as np
import pytest
from scipy import stats

from study.inference import cell_table, intervals
from study.inference.intervals import mean_interval
from tests.analysis.synthetic_tables import epochs, table


def test_mean_interval_is_students() -> None:
    values = [0.31, 0.35, 0.30, 0.36, 0.29]
    mean, low, high = intervals.mean_interval(values, confidence=0.9)
    expected = stats.t.interval(0.9, df=4, loc=np.mean(values), scale=stats.sem(values))
    assert (mean, low, high) == pytest.approx((np.mean(values), *expected), rel=1e-12)


def test_one_value_has_a_mean_and_no_interval() -> None:
    mean, low, high = intervals.mean_interval([0.4])
    assert mean == 0.4
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_interval_covers_the_truth_as_often_as_it_says(seeds: int) -> None:
    samples = np.random.default_rng(0).normal(0.5, 0.1, size=(4000, seeds))
    bounds = [intervals.mean_interval(sample) for sample in samples]
    covered = np.mean([low <= 0.5 <= high for _, low, high in bounds])
    # Four standard errors of a proportion over 4,000 draws are 1.4 points.
    assert 0.936 < covered < 0.964


def test_difference_is_welchs_by_its_own_formula_with_capped_degrees_of_freedom() -> None:
    ours, theirs = np.array([0.40, 0.44, 0.41]), np.array([0.30, 0.38, 0.33, 0.29])
    parts = [ours.var(ddof=1) / 3, theirs.var(ddof=1) / 4]
    # At most those of two samples of the smaller size: with unequal numbers Welch's own err far too often.
    freedom = min(sum(parts) ** 2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 3), 2 * 3 - 2)
    value = ours.mean() - theirs.mean()
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    p = 2 * stats.t.sf(value / math.sqrt(sum(parts)), freedom)
    assert intervals.difference(ours, theirs) == pytest.approx((value, value - half, value + half, p), rel=1e-9)


@pytest.mark.parametrize(("ours", "theirs"), [([0.4], [0.3, 0.31]), ([0.4, 0.41], [0.3]), ([0.4], [0.3])])
def test_a_difference_of_single_seeds_has_no_interval(ours: list[float], theirs: list[float]) -> None:
    value, *rest = intervals.difference(ours, theirs)
    assert value == pytest.approx(np.mean(ours) - np.mean(theirs))
    assert all(map(math.isnan, rest))


def test_values_without_spread_give_no_interval_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    # Of the six ways to share the values out, two are as far apart.
    value, low, high, p = intervals.difference([0.25, 0.25], [0.125, 0.125])
    assert (value, p) == pytest.approx((0.125, 1 / 3))
    assert math.isnan(low)
    assert math.isnan(high)
    assert intervals.mean_interval([0.1] * 3) == pytest.approx((0.1, 0.1, 0.1))
    assert not recwarn.list


def test_means_by_level_are_those_of_the_cells() -> None:
    cells = cell_table.around_baseline(table(), ["conv_depth"])
    means = intervals.means(cells, by=["level.conv_depth"]).set_index("level.conv_depth")
    for level, values in cells.groupby("level.conv_depth")["metric.val_acc"]:
        assert tuple(means.loc[level, ["mean", "low", "high"]]) == intervals.mean_interval(values)
    assert list(means["n"]) == [3, 3, 3]


def test_curves_average_only_cells_that_reached_the_last_epoch() -> None:
    cells = table(states={("conv_depth=2", 0): "diverged"})
    curves = epochs(cells)
    means = intervals.curves(curves, metric="val_acc").set_index(["point", "epoch"])
    ends = cells[(cells["point"] == "conv_depth=2") & (cells["state"] == "complete")]["metric.val_acc"]
    assert means.loc[("conv_depth=2", 6), "mean"] == pytest.approx(ends.mean())
    assert means.loc[("conv_depth=2", 1), "n"] == 2
    assert means.loc[("baseline", 6), "n"] == 3


def test_the_interval_of_a_share_never_leaves_its_range() -> None:
    values = [0.999, 1.0, 0.97]
    mean, low, high = mean_interval(values)
    assert high > 1
    assert mean_interval(values, metric="val_acc") == (mean, low, 1.0)
    assert mean_interval([1 - value for value in values], metric="val_acc").low == 0
    # A loss is no share, and an accuracy in percent does not lie between 0 and 1.
    assert mean_interval(values, metric="val_loss").high == high
    percent = [100 * value for value in values]
    assert mean_interval(percent, metric="val_acc") == mean_interval(percent)
