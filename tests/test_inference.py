"""Intervals, differences and effects: against SciPy by hand, against simulation, and nothing averaged in silence."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study import conclusions, inference, tidy
from study.conclusions import Effect
from study.tidy import InferenceError
from tests.analysis.synthetic import epochs, sweep, table


def test_mean_interval_is_students() -> None:
    values = [0.31, 0.35, 0.30, 0.36, 0.29]
    mean, low, high = inference.mean_interval(values, confidence=0.9)
    expected = stats.t.interval(0.9, df=4, loc=np.mean(values), scale=stats.sem(values))
    assert (mean, low, high) == pytest.approx((np.mean(values), *expected), rel=1e-12)


def test_one_value_has_a_mean_and_no_interval() -> None:
    mean, low, high = inference.mean_interval([0.4])
    assert mean == 0.4
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_interval_covers_the_truth_as_often_as_it_says(seeds: int) -> None:
    samples = np.random.default_rng(0).normal(0.5, 0.1, size=(4000, seeds))
    intervals = [inference.mean_interval(sample) for sample in samples]
    covered = np.mean([low <= 0.5 <= high for _, low, high in intervals])
    # Four standard errors of a proportion over 4,000 draws are 1.4 points.
    assert 0.936 < covered < 0.964


def test_difference_is_welchs_by_its_own_formula() -> None:
    ours, theirs = np.array([0.40, 0.44, 0.41]), np.array([0.30, 0.38, 0.33, 0.29])
    parts = [ours.var(ddof=1) / 3, theirs.var(ddof=1) / 4]
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 3)
    value = ours.mean() - theirs.mean()
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    p = 2 * stats.t.sf(value / math.sqrt(sum(parts)), freedom)
    assert inference.difference(ours, theirs) == pytest.approx((value, value - half, value + half, p), rel=1e-9)


@pytest.mark.parametrize(("ours", "theirs"), [([0.4], [0.3, 0.31]), ([0.4, 0.41], [0.3]), ([0.4], [0.3])])
def test_a_difference_of_single_seeds_has_no_interval(ours: list[float], theirs: list[float]) -> None:
    value, *rest = inference.difference(ours, theirs)
    assert value == pytest.approx(np.mean(ours) - np.mean(theirs))
    assert all(map(math.isnan, rest))


def test_values_without_spread_give_a_point_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert inference.difference([0.25, 0.25], [0.125, 0.125]) == pytest.approx((0.125, 0.125, 0.125, 0))
    assert inference.mean_interval([0.1] * 3) == pytest.approx((0.1, 0.1, 0.1))
    assert not recwarn.list


def test_effects_compare_each_variant_with_the_baseline() -> None:
    cells = table()
    effects = conclusions.effects(cells)
    assert [effect.point for effect in effects] == [p for p in cells["point"].unique() if p != "baseline"]
    reference = cells.loc[cells["point"] == "baseline", "metric.val_acc"]
    for effect in effects:
        values = cells.loc[cells["point"] == effect.point, "metric.val_acc"]
        test = stats.ttest_ind(values, reference, equal_var=False)
        assert (effect.low, effect.high) == pytest.approx(tuple(test.confidence_interval(0.95)))
        assert (effect.p, effect.mean) == pytest.approx((test.pvalue, values.mean()))
        assert (effect.seeds, effect.baseline_seeds, effect.left_out) == (3, 3, 0)


def test_only_complete_cells_count_and_the_others_are_counted() -> None:
    states = {("conv_depth=7", 0): "diverged", ("conv_depth=7", 1): "missing", ("width=8", 2): "failed"}
    cells = table(states=states)
    cells.loc[cells["key"] == "pooling=flatten/1", "metric.val_acc"] = np.nan
    assert tidy.left_out(cells) == {"diverged": 1, "failed": 1, "missing": 1, "unmeasured": 1}
    effects = {effect.point: effect for effect in conclusions.effects(cells)}
    assert (effects["conv_depth=7"].seeds, effects["conv_depth=7"].left_out) == (1, 2)
    assert effects["pooling=flatten"].left_out == 1
    # The value that the diverged cell has is in no mean.
    assert effects["conv_depth=7"].mean == cells.set_index("key").loc["conv_depth=7/2", "metric.val_acc"]


def test_effects_without_a_complete_baseline_are_refused() -> None:
    states = {("baseline", seed): "failed" for seed in range(3)}
    with pytest.raises(InferenceError, match="baseline"):
        conclusions.effects(table(states=states))


def test_a_search_is_judged_by_what_confirms_it() -> None:
    cells = sweep()
    effects = conclusions.effects(cells)
    confirmed = cells[cells["phase"] == "confirm"]
    assert {effect.point for effect in effects} == set(confirmed["point"]) - {"baseline"}
    assert all(effect.seeds == 3 and effect.mean < 0.5 for effect in effects)


def test_an_effect_that_cannot_be_does_not_exist() -> None:
    with pytest.raises(ValueError, match="outside"):
        Effect("a=1", 0.3, 0.1, 0.2, 0.3, 0.5, 3, 3, 0)
    with pytest.raises(ValueError, match="complete cell"):
        Effect("a=1", 0.3, 0.1, 0.0, 0.3, 0.5, 0, 3, 0)


def test_means_by_level_are_those_of_the_cells() -> None:
    cells = tidy.around_baseline(table(), ["conv_depth"])
    means = inference.means(cells, by=["level.conv_depth"]).set_index("level.conv_depth")
    for level, values in cells.groupby("level.conv_depth")["metric.val_acc"]:
        assert tuple(means.loc[level, ["mean", "low", "high"]]) == inference.mean_interval(values)
    assert list(means["n"]) == [3, 3, 3]


def test_curves_average_only_cells_that_reached_the_last_epoch() -> None:
    cells = table(states={("conv_depth=2", 0): "diverged"})
    curves = epochs(cells)
    means = inference.curves(curves, metric="val_acc").set_index(["point", "epoch"])
    ends = cells[(cells["point"] == "conv_depth=2") & (cells["state"] == "complete")]["metric.val_acc"]
    assert means.loc[("conv_depth=2", 6), "mean"] == pytest.approx(ends.mean())
    assert means.loc[("conv_depth=2", 1), "n"] == 2
    assert means.loc[("baseline", 6), "n"] == 3


def test_nothing_changes_the_table_that_it_reads() -> None:
    cells = table(states={("width=8", 0): "failed"})
    before = cells.copy()
    conclusions.effects(cells)
    tidy.left_out(cells)
    tidy.crossed(cells)
    pd.testing.assert_frame_equal(cells, before)
