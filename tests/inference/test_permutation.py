"""The exact permutation test against SciPy's, and where it guards."""

import numpy as np
import pytest
from scipy import stats

from study.inference.permutation import exact_p, guarded
from study.inference.t_tests import compare


@pytest.mark.parametrize("sizes", [(5, 5), (6, 4), (3, 9), (2, 4)])
def test_the_p_is_the_share_of_all_permutations(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(sizes[0])
    ours, theirs = (random.normal(place, size=size).round(1) for place, size in zip((0.9, 0), sizes, strict=True))
    # Tied values are more than once among the permutations.
    test = stats.permutation_test(
        (ours, theirs), lambda a, b: abs(np.mean(a) - np.mean(b)), alternative="greater", n_resamples=100_000
    )
    assert exact_p(ours, theirs) == pytest.approx(float(test.pvalue))
    assert exact_p(np.append(ours, np.nan), theirs) == exact_p(ours, theirs)


def test_twenty_seeds_are_still_counted_and_more_are_not() -> None:
    random = np.random.default_rng(0)
    ours, theirs = random.normal(size=(2, 20))
    assert exact_p(ours, theirs) == pytest.approx(stats.ttest_ind(ours, theirs).pvalue, rel=0.1)
    assert exact_p(np.append(ours, 0.0), theirs) == 0


def test_the_guard_stands_where_its_least_p_is_small_enough_and_only_there() -> None:
    for seeds, variants, guards in ((5, 8, False), (5, 1, True), (8, 8, True), (8, 200, False)):
        values = np.random.default_rng(1).normal(size=(variants + 1, seeds))
        values[1] += 9
        found = guarded(compare(values, method="welch"), values, method="welch")
        assert np.ravel(found.permuted)[0] == (pytest.approx(found.least[0]) if guards else 0), (seeds, variants)
        assert found.adjusted[0] >= compare(values, method="welch").adjusted[0]


def test_three_seeds_against_more_have_two_degrees_of_freedom() -> None:
    values = np.random.default_rng(1).normal(size=(2, 10)) + np.array([[0.0], [3.0]])
    values[1, 3:] = np.nan
    found = guarded(compare(values, method="welch"), values, method="welch")
    statistic, freedom = abs(found.value[0] / found.error[0]), min(2.0, found.freedom[0])
    assert np.ravel(found.permuted)[0] == pytest.approx(2 * stats.t.sf(statistic, freedom))
    assert found.adjusted[0] >= found.p[0]


def test_pairs_have_no_guard() -> None:
    values = np.random.default_rng(1).normal(size=(3, 12)) + np.array([[0.0], [5.0], [0.0]])
    assert guarded(compare(values, method="paired"), values, method="paired").permuted == 0
