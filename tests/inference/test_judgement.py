"""Judgements: claims need evidence, and losses may be as large as the margin."""

import numpy as np
import pytest
from scipy import stats

from study.inference.cell_table import Declared
from study.inference.intervals import Difference, Interval, mean_interval
from study.inference.judgement import judge_gain, judge_no_loss, judge_reached, no_loss_p, reached_p


@pytest.mark.parametrize(
    ("low", "high", "judgement"),
    [(0.9, 0.95, "confirmed"), (0.8, 0.89, "contradicted"), (0.8, 0.95, "undecided"), (0.8, 0.9, "undecided"),
     (np.nan, np.nan, "undecided")],
)  # fmt: skip
def test_a_value_is_reached_if_the_whole_interval_reaches_it(low: float, high: float, judgement: str) -> None:
    assert judge_reached(Interval(0.9, low, high), 0.9) == judgement


@pytest.mark.parametrize(
    ("value", "p", "sign", "judgement"),
    [(0.1, 0.01, 1, "confirmed"), (0.1, 0.01, -1, "contradicted"), (-0.1, 0.01, 1, "contradicted"),
     (-0.1, 0.01, -1, "confirmed"), (0.1, 0.05, 1, "undecided"), (0.1, np.nan, 1, "undecided")],
)  # fmt: skip
def test_a_gain_needs_a_small_p_and_the_right_sign(value: float, p: float, sign: int, judgement: str) -> None:
    assert judge_gain(Difference(value, value - 1, value + 1, p), sign=sign) == judgement


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("loss", "margin", "judgement"),
    [(0.1, None, "contradicted"), (0.1, 0.03, "contradicted"), (0.1, 0.2, "confirmed"), (-0.1, None, "confirmed"),
     (0.0, None, "undecided"), (0.0, 0.05, "confirmed"), (0.05, 0.04, "undecided")],
)  # fmt: skip
def test_nothing_is_lost_if_a_loss_beyond_the_margin_is_excluded(
    loss: float, margin: float | None, judgement: str, sign: int
) -> None:
    other = np.array([0.5, 0.51, 0.49])
    declared = Declared("welch", margin, sign)
    assert judge_no_loss(other - sign * loss, other, declared=declared) == judgement


def test_a_single_seed_decides_nothing() -> None:
    assert judge_no_loss([0.9], [0.1], declared=Declared("welch", 0.1, 1)) == "undecided"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("margin", [None, 0.02, 0.5])
def test_the_p_of_a_replacement_is_that_of_its_judgement(margin: float | None, sign: int) -> None:
    random, declared, seen = np.random.default_rng(3), Declared("welch", margin, sign), set()
    for loss in np.linspace(-0.1, 0.6, 60):
        ours, theirs = 0.5 - sign * loss + 0.02 * random.normal(size=4), 0.5 + 0.02 * random.normal(size=6)
        judgement = judge_no_loss(ours, theirs, declared=declared)
        assert (no_loss_p(ours, theirs, declared=declared) < 0.05) == (judgement != "undecided")
        seen.add(judgement)
    assert len(seen) >= 2
    assert np.isnan(no_loss_p([0.9], [0.1], declared=declared))


def test_the_p_of_a_value_is_students() -> None:
    values = [0.4, 0.45, 0.38, 0.5]
    assert reached_p(values, 0.3) == pytest.approx(stats.ttest_1samp(values, 0.3).pvalue)
    for aim in np.linspace(0.3, 0.6, 30):
        assert (reached_p(values, aim) < 0.05) == (judge_reached(mean_interval(values), aim) != "undecided")
    assert np.isnan(reached_p([0.4], 0.3))
    assert np.isnan(reached_p([0.4, 0.4], 0.3))
