"""Effects and their verdicts: what the table says, by the rule, and nothing averaged in silence."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from study.cli.tables import effects_table
from study.errors import InferenceError, StudyError
from study.inference import cell_table
from study.inference.effects import Effect, compute_effects, spread
from study.inference.intervals import mean_interval
from study.inference.t_tests import compare
from study.inference.verdict import verdict_text
from study.results import read_table
from study.space.search_space import Method
from tests.analysis.synthetic_tables import csv, sweep, table
from tests.calibration import METHODS
from tests.inference.test_t_tests import plain_none_below, plain_step_down

EFFECT: dict[str, Any] = {
    "point": "a=1", "mean": 0.3, "difference": 0.1, "low": 0.0, "high": 0.2, "joint_low": -0.1, "joint_high": 0.3,
    "p": 0.04, "adjusted": 0.1, "verdict": "undecided", "within": False, "deciding": 9.0, "seeds": 3,
    "baseline_seeds": 3, "tested": 3, "left_out": 0,
}  # fmt: skip


def test_effects_compare_each_variant_with_the_baseline() -> None:
    cells = table()
    effects = compute_effects(cells)
    assert [effect.point for effect in effects] == [p for p in cells["point"].unique() if p != "baseline"]
    reference = cells.loc[cells["point"] == "baseline", "metric.val_acc"]
    for effect in effects:
        values = cells.loc[cells["point"] == effect.point, "metric.val_acc"]
        test = stats.ttest_ind(values, reference, equal_var=False)
        assert (effect.low, effect.high) == pytest.approx(tuple(test.confidence_interval(0.95)))
        assert (effect.p, effect.mean) == pytest.approx((test.pvalue, values.mean()))
        assert (effect.seeds, effect.baseline_seeds, effect.left_out) == (3, 3, 0)


def test_the_intervals_of_all_are_of_the_p_below_which_one_of_all_is_found() -> None:
    cells = table()
    effects = compute_effects(cells)
    groups = {str(point): group["metric.val_acc"].to_numpy() for point, group in cells.groupby("point")}
    parts = {point: group.var(ddof=1) / len(group) for point, group in groups.items()}
    weights = np.array([math.sqrt(parts["baseline"] / (parts["baseline"] + parts[e.point])) for e in effects])
    level = optimize.brentq(lambda p: plain_none_below(p, weights, None) - 0.95, 1e-3, 0.05, xtol=1e-7)
    for effect in effects:
        test = stats.ttest_ind(groups[effect.point], groups["baseline"], equal_var=False)
        ends = test.confidence_interval(1 - level)
        assert (effect.joint_low, effect.joint_high) == pytest.approx((ends.low, ends.high), rel=0.01)


def test_only_complete_cells_count_and_the_others_are_counted() -> None:
    states = {("conv_depth=7", 0): "diverged", ("conv_depth=7", 1): "missing", ("width=8", 2): "failed"}
    cells = table(states=states)
    cells.loc[cells["key"] == "pooling=flatten/1", "metric.val_acc"] = np.nan
    assert cell_table.left_out(cells) == {"diverged": 1, "failed": 1, "missing": 1, "unmeasured": 1}
    effects = {effect.point: effect for effect in compute_effects(cells)}
    assert (effects["conv_depth=7"].seeds, effects["conv_depth=7"].left_out) == (1, 2)
    assert effects["pooling=flatten"].left_out == 1
    # The value that the diverged cell has is in no mean.
    assert effects["conv_depth=7"].mean == cells.set_index("key").loc["conv_depth=7/2", "metric.val_acc"]


def test_effects_without_a_complete_baseline_are_refused() -> None:
    states = {("baseline", seed): "failed" for seed in range(3)}
    with pytest.raises(InferenceError, match="baseline"):
        compute_effects(table(states=states))


def test_a_search_is_judged_by_what_confirms_it() -> None:
    cells = sweep()
    effects = compute_effects(cells)
    confirmed = cells[cells["phase"] == "confirm"]
    assert {effect.point for effect in effects} == set(confirmed["point"]) - {"baseline"}
    assert all(effect.seeds == 3 and effect.mean < 0.5 for effect in effects)


def test_nothing_changes_the_table_that_it_reads() -> None:
    cells = table(states={("width=8", 0): "failed"})
    before = cells.copy()
    compute_effects(cells)
    cell_table.left_out(cells)
    cell_table.crossed_pairs(cells)
    pd.testing.assert_frame_equal(cells, before)


def test_an_effect_that_cannot_be_does_not_exist() -> None:
    with pytest.raises(ValueError, match="outside"):
        Effect(**EFFECT | {"low": 0.15})
    with pytest.raises(ValueError, match="complete cell"):
        Effect(**EFFECT | {"seeds": 0})


def declaring(method: Method, **more: Any) -> pd.DataFrame:
    """Five seeds of the small study, one of them failed, as a file declares them."""
    cells = table(seeds=5, states={("width=8", 1): "failed"})
    return cells.assign(paired=method == "paired", equal_variances=method == "equal_variances", **more)


@pytest.mark.parametrize("method", METHODS)
def test_each_number_is_that_of_a_hand_made_call_on_the_export(method: Method, tmp_path: Path) -> None:
    cells = read_table(str(csv(declaring(method, margin=0.05), tmp_path / "cells.csv")), store=tmp_path)
    known = cells[cells["state"] == "complete"]
    by_seed = known.pivot(index="seed", columns="point", values="metric.val_acc")
    effects = compute_effects(cells)
    ordered = by_seed[["baseline", *(effect.point for effect in effects)]]
    adjusted = plain_step_down(compare(ordered.to_numpy().T, method=method))
    for effect, expected in zip(effects, adjusted, strict=True):
        ours, theirs = by_seed[effect.point].dropna(), by_seed["baseline"]
        assert effect.mean == pytest.approx(mean_interval(ours).mean)
        assert effect.adjusted == pytest.approx(expected, abs=2e-4)
        assert (effect.seeds, effect.left_out) == (len(ours), 5 - len(ours))
        if method == "equal_variances":
            continue  # Against SciPy's Dunnett in test_comparisons.
        if method == "paired":
            test, freedom = stats.ttest_rel(ours, theirs[ours.index]), len(ours) - 1.0
        else:
            test = stats.ttest_ind(ours, theirs, equal_var=False)
            freedom = min(test.df, 2.0 * min(len(ours), len(theirs)) - 2)
        p = 2 * stats.t.sf(abs(test.statistic), freedom)
        half = stats.t.isf(0.025, freedom) * abs(effect.difference / test.statistic)
        ends = effect.difference - half, effect.difference + half
        assert (effect.p, effect.low, effect.high) == pytest.approx((p, *ends))


def verdicts(**said: Any) -> dict[str, Effect]:
    """The effects of five seeds, among which that of two convolutions is nearly nothing."""
    cells = table(seeds=5)
    cells.loc[cells["point"] == "conv_depth=2", "metric.val_acc"] -= 0.015
    return {effect.point: effect for effect in compute_effects(cells.assign(**said))}


def test_a_verdict_follows_direction_margin_and_adjusted_p() -> None:
    rising, falling, wide = verdicts(), verdicts(direction="minimize"), verdicts(margin=0.09)
    assert (rising["pooling=flatten"].verdict, falling["pooling=flatten"].verdict) == ("helps", "hurts")
    weak = rising["conv_depth=2"]
    assert (weak.verdict, weak.within) == ("undecided", False)
    assert weak.deciding > 5
    assert (wide["conv_depth=2"].verdict, wide["conv_depth=7"].verdict) == ("no difference", "helps")
    assert wide["conv_depth=7"].within


def test_a_verdict_needs_three_seeds_at_each_point_and_a_sure_one_five() -> None:
    for seeds, better, alike in ((2, "undecided", "undecided"), (3, "looks better", "undecided"),
                                 (4, "looks better", "undecided"), (5, "helps", "no difference")):  # fmt: skip
        cells = table([{}, {"width": 8}, {"width": 4}], seeds=seeds).assign(margin=0.2)
        cells.loc[cells["point"] == "width=8", "metric.val_acc"] += 1
        cells.loc[cells["point"] == "width=4", "metric.val_acc"] -= 0.04
        first, second = compute_effects(cells)
        assert (first.verdict, second.verdict) == (better, alike), seeds
        assert second.verdict == "no difference" or second.deciding >= max(5, seeds + 1)
    declared_worse = table([{}, {"width": 8}], seeds=4, direction="minimize")
    declared_worse.loc[declared_worse["point"] == "width=8", "metric.val_acc"] += 1
    assert compute_effects(declared_worse)[0].verdict == "looks worse"


def test_the_smaller_number_of_seeds_counts_and_pairs_count_as_pairs() -> None:
    lost = {("baseline", seed): "diverged" for seed in (2, 3, 4)}
    cells = table([{}, {"width": 8}], seeds=5, states=lost)
    cells.loc[cells["point"] == "width=8", "metric.val_acc"] += 1
    (effect,) = compute_effects(cells)
    assert (effect.verdict, verdict_text(effect)) == ("undecided", "no verdict: 2 seeds, baseline 3 of 5 diverged")
    assert effect.deciding >= 5
    apart = {("baseline", 0): "failed", ("baseline", 1): "failed", ("width=8", 2): "missing"}
    pairs = table([{}, {"width": 8}], seeds=5, states=apart).assign(paired=True)
    (effect,) = compute_effects(pairs)
    assert (effect.tested, verdict_text(effect)) == (2, "no verdict: 2 seeds, baseline 2 of 5 failed")


def test_what_went_wrong_stands_beside_the_verdict() -> None:
    wrong = {
        ("width=8", 0): "diverged",
        ("width=8", 1): "diverged",
        ("width=8", 2): "failed",
        ("width=4", 0): "missing",
    }
    cells = table([{}, {"width": 8}, {"width": 4}], seeds=8, states=wrong)
    cells.loc[cells["point"] == "width=8", "metric.val_acc"] += 1
    first, second = compute_effects(cells)
    assert verdict_text(first) == "helps, 2 of 8 diverged and 1 failed"
    assert second.lost == ""


def test_one_seed_is_no_test() -> None:
    for effect in compute_effects(table(seeds=1)):
        assert (effect.verdict, effect.tested, effect.seeds) == ("undecided", 1, 1)
        assert all(map(math.isnan, (effect.p, effect.adjusted, effect.low, effect.joint_low)))
        assert math.isfinite(effect.difference)


def test_pairs_leave_out_seeds_that_lack_a_side() -> None:
    cells = declaring("paired")
    cells.loc[(cells["point"] == "baseline") & (cells["seed"] == 3), "state"] = "diverged"
    effects = {effect.point: effect for effect in compute_effects(cells)}
    assert (effects["conv_depth=2"].tested, effects["conv_depth=2"].seeds) == (4, 5)
    assert (effects["width=8"].tested, effects["width=8"].seeds) == (3, 4)
    assert effects["width=8"].baseline_seeds == 4


def test_an_export_of_before_is_by_the_defaults_and_one_of_two_declarations_is_refused() -> None:
    assert cell_table.declared(table()) == ("welch", None, 1, ())
    assert cell_table.declared(declaring("paired", margin=math.nan)) == ("paired", None, 1, ())
    with pytest.raises(InferenceError, match="one margin, this table has 2"):
        cell_table.declared(table().assign(margin=[0.1, 0.2] * 9))


@pytest.mark.parametrize("method", METHODS)
def test_a_cell_given_twice_is_refused(method: Method) -> None:
    cells = declaring(method)
    with pytest.raises(StudyError, match=r"point \S+ has seed \d+ twice"):
        compute_effects(pd.concat([cells, cells[cells["point"] == "width=8"]]))


def test_the_spread_so_far_is_pooled_over_points() -> None:
    cells = declaring("welch")
    known = cells[cells["state"] == "complete"].groupby("point")["metric.val_acc"]
    pooled = (known.var() * (known.size() - 1)).sum() / (known.size() - 1).sum()
    assert spread(cells) == pytest.approx(math.sqrt(pooled))
    assert spread(cells.assign(state="missing")) is None
    assert spread(table(seeds=1)) is None
    pairs = declaring("paired").query("point in ('baseline', 'conv_depth=2')")
    by_seed = pairs.pivot(index="seed", columns="point", values="metric.val_acc")
    expected = np.std(by_seed["conv_depth=2"] - by_seed["baseline"], ddof=1)
    assert spread(pairs) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"verdict": "helps"}, "helps"),
        ({"verdict": "hurts", "within": True}, "hurts, within the margin"),
        ({"verdict": "no difference", "within": True}, "no difference"),
        ({"deciding": 12.0}, "undecided (12 seeds)"),
        ({"deciding": 12.0, "lost": "2 of 5 diverged"}, "undecided (12 seeds), 2 of 5 diverged"),
        ({"verdict": "looks better"}, "looks better"),
        ({"tested": 2}, "no verdict: 2 seeds"),
        ({"deciding": math.inf}, "undecided (over 1,000 seeds)"),
        ({"low": math.nan, "high": math.nan}, "undecided (no seed differs)"),
        ({"p": math.nan, "tested": 1}, "no test: 1 seed"),
        ({"p": math.nan, "tested": 0}, "no test: no seed"),
    ],
)
def test_a_verdict_in_words(more: dict[str, Any], words: str) -> None:
    made = effects_table([Effect(**EFFECT | more)], "val_acc", (0.2, 3), {"a=1": "0 → 1"})
    assert [row[7].plain for row in made.rows] == ["", words]
