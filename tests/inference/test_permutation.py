"""The exact permutation test against SciPy's, and where it guards."""

import numpy as np
import pytest
from scipy import stats

from study.inference.permutation import exact_p, guarded, permutation_ps
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


def test_many_pairs_at_once_are_each_alone_and_exact_if_they_are_few() -> None:
    random = np.random.default_rng(4)
    pairs = [(random.normal(1, size=ours), random.normal(size=theirs)) for ours, theirs in [(5, 12), (4, 9), (5, 12)]]
    assert permutation_ps(pairs).tolist() == [exact_p(*pair) for pair in pairs]
    assert permutation_ps([]).tolist() == []
    ours, theirs = pairs[0]
    assert permutation_ps([(np.append(ours, [np.nan, np.inf]), theirs)])[0] == exact_p(ours, theirs)


@pytest.mark.parametrize("sizes", [(8, 20), (20, 20), (12, 18)])
@pytest.mark.parametrize("effect", [0.0, 0.8])
def test_permutations_that_are_drawn_come_near_to_all_of_them(sizes: tuple[int, int], effect: float) -> None:
    random = np.random.default_rng(5)
    pair = random.normal(effect, size=sizes[0]), random.normal(size=sizes[1])
    exact, (drawn,) = exact_p(*pair), permutation_ps([pair])
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 100_000) + 1e-5)
    assert permutation_ps([pair])[0] == drawn > 0
    assert permutation_ps([(pair[0] + 10, pair[1])])[0] == pytest.approx(1e-5, rel=1e-3)
