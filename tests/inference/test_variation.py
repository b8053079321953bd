"""The spread of seeds and their correlation: by hand, true to its level, and what it advises."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.inference.intervals import Interval
from study.inference.variation import Variation, correlation, seed_variation, variation_sentence
from tests.analysis.synthetic_tables import table


def seeded(strength: float, *, seeds: int = 5) -> pd.DataFrame:
    """A study in which each seed shifts all points alike."""
    cells = table(seeds=seeds).assign(vary="weights order")
    cells["metric.val_acc"] += strength * cells["seed"]
    return cells


def test_the_correlation_is_shrout_and_fleiss_icc_3_1() -> None:
    # The example of their paper: six targets, four judges.
    block = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    value, low, high = correlation(block)
    assert value == pytest.approx(0.7148, abs=1e-4)
    assert (low, high) == pytest.approx((0.3425, 0.9459), abs=1e-4)


@pytest.mark.parametrize("truth", [0.0, 0.6])
def test_its_interval_covers_the_truth_as_often_as_it_says(truth: float) -> None:
    random = np.random.default_rng(0)
    shared, own = random.normal(size=(800, 5, 1)), random.normal(size=(800, 5, 6))
    ends = [correlation(block) for block in math.sqrt(truth) * shared + math.sqrt(1 - truth) * own]
    # Four standard errors are 3.1 points.
    assert 0.919 < np.mean([low <= truth <= high for _, low, high in ends]) < 0.981


def test_it_is_what_pairing_takes_off_a_differences_variance() -> None:
    block = np.random.default_rng(2).normal(size=(6, 2)) * [1, 3] + np.arange(6)[:, None]
    ours, theirs = block.T
    gain = 1 - (ours - theirs).var(ddof=1) / (ours.var(ddof=1) + theirs.var(ddof=1))
    assert correlation(block).mean == pytest.approx(gain)


def test_the_baselines_spread_and_what_differs() -> None:
    found = seed_variation(seeded(0))
    values = table(seeds=5).query("point == 'baseline'")["metric.val_acc"]
    assert found.sd == pytest.approx(values.std(ddof=1))
    assert (found.sources, found.seeds, found.shared, found.points) == (("weights", "order"), 5, 5, 6)
    assert variation_sentence(found).startswith("Seeds differ in weights, order. Sd over the baseline's 5 seeds: 0.")


def test_pairing_pays_above_what_it_costs_in_degrees_of_freedom() -> None:
    strong = seed_variation(seeded(0.1))
    assert strong.break_even == pytest.approx(1 - (stats.t.ppf(0.975, 8) / stats.t.ppf(0.975, 4)) ** 2)
    assert strong.advice == "pays"
    assert "declare `paired = true`" in variation_sentence(strong)
    few = Variation((), 0.1, 5, Interval(0.0, -0.1, 0.3), 5, 6)
    assert few.advice == "costs"
    assert "below 0.31 pairs would only widen intervals" in variation_sentence(few)
    assert seed_variation(seeded(0.005, seeds=3)).advice == "undecided"


def test_advice_is_by_what_the_study_declares() -> None:
    pairs = seed_variation(seeded(0.1).assign(paired=True))
    assert variation_sentence(pairs).endswith("above 0.31 pairs narrow intervals, as they do here.")
    pooled = seed_variation(seeded(0.1).assign(equal_variances=True))
    assert pooled.break_even == pytest.approx(1 - (stats.t.ppf(0.975, 24) / stats.t.ppf(0.975, 4)) ** 2)


def test_only_points_with_the_baselines_seeds_enter() -> None:
    cells = seeded(0.1)
    cells.loc[cells["key"] == "width=8/2", "state"] = "diverged"
    assert seed_variation(cells).points == 5


def test_what_cannot_be_known_is_not_said() -> None:
    one = seed_variation(seeded(0, seeds=1))
    assert math.isnan(one.sd)
    assert variation_sentence(one) == "Seeds differ in weights, order."
    old = table().assign(state="failed")
    assert variation_sentence(seed_variation(old)) == ""
    equal = table().assign(**{"metric.val_acc": 0.1})
    assert seed_variation(equal).advice == ""
