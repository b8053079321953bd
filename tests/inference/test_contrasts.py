"""Weighted sums of means: against SciPy by hand, and true to their level where variances differ."""

import math

import numpy as np
import pytest
from scipy import stats

from study.inference.contrasts import independent_contrast, paired_contrast
from study.inference.multiplicity import holm

OURS, THEIRS = [0.40, 0.44, 0.41], [0.30, 0.38, 0.33, 0.29]


def test_of_two_groups_it_is_welchs_t() -> None:
    test = stats.ttest_ind(OURS, THEIRS[:3], equal_var=False)
    expected = (np.mean(OURS) - np.mean(THEIRS[:3]), *test.confidence_interval(0.95), test.pvalue)
    assert independent_contrast([OURS, THEIRS[:3]], [1, -1]) == pytest.approx(expected, rel=1e-9)


def test_groups_of_unequal_sizes_have_no_more_freedom_than_if_all_were_as_small_as_the_smallest() -> None:
    found, statistic = independent_contrast([OURS, THEIRS], [1, -1]), stats.ttest_ind(OURS, THEIRS, equal_var=False)
    assert statistic.df > 4
    assert found.p == pytest.approx(2 * stats.t.sf(statistic.statistic, 4))
    tiny = independent_contrast([[0.3, 0.3001], np.linspace(0.1, 0.5, 9)], [1, -1])
    assert tiny.high - tiny.low == pytest.approx(
        2 * stats.t.isf(0.025, 2) * np.std(np.linspace(0.1, 0.5, 9), ddof=1) / 3, rel=1e-3
    )


def test_rounding_is_no_variance() -> None:
    shifted = [value - 0.0005 for value in (0.9995, 0.999, 0.9975, 0.9985)]
    assert math.isnan(paired_contrast([[0.9995, 0.999, 0.9975, 0.9985], shifted], [1, -1]).p)
    assert math.isnan(independent_contrast([[0.1 + 0.2, 0.3], [0.5, 0.5]], [1, -1]).p)
    assert independent_contrast([[3e-9, 4e-9, 3.5e-9], [1e-9, 1.5e-9, 1.2e-9]], [1, -1]).p < 0.05


def test_a_group_that_weighs_nothing_counts_for_nothing() -> None:
    assert independent_contrast([OURS, [9.0], THEIRS], [1, 0, -1]) == independent_contrast([OURS, THEIRS], [1, -1])


def test_a_single_value_gives_no_interval() -> None:
    value, *rest = independent_contrast([OURS, [0.3]], [1, -1])
    assert value == pytest.approx(np.mean(OURS) - 0.3)
    assert all(map(math.isnan, rest))


def test_of_equal_values_t_says_nothing_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    value, *rest = independent_contrast([[0.1] * 3, [0.3] * 3], [1, -1])
    assert value == pytest.approx(-0.2)
    assert all(map(math.isnan, rest))
    assert independent_contrast([[0.1] * 3, OURS], [1, -1]).p < 0.05
    assert not recwarn.list


def test_pairs_are_students_t_on_each_seeds_sum() -> None:
    ours, theirs = [0.40, 0.44, 0.41], [0.30, 0.38, 0.33]
    test = stats.ttest_rel(ours, theirs)
    low, high = test.confidence_interval(0.95)
    assert paired_contrast([ours, theirs], [1, -1]) == pytest.approx(
        (np.mean(ours) - np.mean(theirs), low, high, test.pvalue)
    )


def test_holm_by_hand_and_what_is_no_test_does_not_count() -> None:
    assert holm([0.01, 0.04, math.nan, 0.03])[:2] == pytest.approx([0.03, 0.06])
    assert holm([0.01, 0.04, math.nan, 0.03])[3] == pytest.approx(0.06)
    assert math.isnan(holm([0.01, math.nan])[1])
    assert holm([0.6, 0.7]) == [1, 1]
    assert holm([]) == []


@pytest.mark.parametrize("sds", [(1, 1, 1, 1, 1), (1, 1, 1, 1, 5), (3, 1, 1, 1, 1)])
def test_a_trend_holds_its_level_where_variances_differ(sds: tuple[float, ...]) -> None:
    random = np.random.default_rng(0)
    draws = random.normal(size=(1500, 5, 4)) * np.array(sds)[:, None]
    found = np.mean([independent_contrast(list(draw), [-2, -1, 0, 1, 2]).p < 0.05 for draw in draws])
    # Jonckheere–Terpstra's test finds a trend in 10 % of the second; four standard errors are 2.3 points.
    assert found < 0.073
