"""The baseline against each variant: against SciPy, against a second, plain implementation, and at the edges."""

import itertools
import math
import statistics

import numpy as np
import pytest
from scipy import optimize, stats

from study.inference import multiplicity
from study.inference.multiplicity import Array
from study.inference.t_tests import MOST_SHARED, Comparisons, compare
from study.space.search_space import Method
from tests.calibration import METHODS

GAP = math.nan


def values(seed: int = 0, *, seeds: int = 5) -> Array:
    """Four variants: no effect, some, a large one; spreads differ."""
    noise = np.random.default_rng(seed).normal(size=(5, seeds))
    return np.array([[0.0], [0.1], [1.5], [3.0], [0.4]]) + np.array([[1.0], [1.0], [2.0], [0.7], [1.2]]) * noise


def plain_step_down(found: Comparisons) -> Array:
    """Every adjusted p by SciPy's rectangle probabilities of the multivariate normal or t, one comparison at a time."""
    adjusted = np.full(found.p.shape, np.nan)
    order = list(np.argsort(found.p))
    least = 0.0
    for rank, place in enumerate(order):
        left, p = order[rank:], found.p[place]
        least = max(least, 1 - plain_none_below(p, found.weight[left], found.shared))
        adjusted[place] = least
    return adjusted


def plain_shares(cells: Array, method: Method) -> list[float]:
    """The baseline's share in the variance of each difference, one variant at a time; seeds without gaps."""
    baseline, *variants = cells
    seeds = len(baseline)
    if method == "equal_variances":
        return [0.5] * len(variants)  # As many seeds everywhere.
    if method == "welch":
        parts = [(statistics.variance(baseline) / seeds, statistics.variance(variant) / seeds) for variant in variants]
        return [theirs / (theirs + ours) for theirs, ours in parts]
    pairs = [variant - baseline for variant in variants]
    shared = statistics.mean(statistics.covariance(a, b) for a, b in itertools.combinations(pairs, 2))
    return [min(max(shared, 0) / statistics.variance(pair), MOST_SHARED) for pair in pairs]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(6))
def test_what_comparisons_share_is_the_baselines_part_of_their_variance(method: Method, seed: int) -> None:
    cells = values(seed)
    assert compare(cells, method=method).weight ** 2 == pytest.approx(plain_shares(cells, method))


def plain_none_below(p: float, weights: Array, shared: Array | None) -> float:
    if len(weights) == 1:
        return 1 - p
    matrix = np.outer(weights, weights)
    np.fill_diagonal(matrix, 1)
    bound = np.full(len(weights), stats.norm.isf(p / 2) if shared is None else stats.t.isf(p / 2, float(shared)))
    if shared is None:
        return float(stats.multivariate_normal(cov=matrix).cdf(bound, lower_limit=-bound))
    return float(stats.multivariate_t(shape=matrix, df=int(shared), seed=0).cdf(bound, lower_limit=-bound))


def test_welch_is_scipys() -> None:
    cells = values()
    found = compare(cells, method="welch")
    for variant, p, low, high in zip(cells[1:], found.p, *found.interval(), strict=True):
        test = stats.ttest_ind(variant, cells[0], equal_var=False)
        assert (p, low, high) == pytest.approx((test.pvalue, *test.confidence_interval(0.95)))


def test_pairs_are_scipys_and_a_seed_without_a_partner_is_in_none() -> None:
    cells = values()
    cells[2, 1], cells[3, 4] = GAP, GAP
    found = compare(cells, method="paired")
    for variant, p, low, high in zip(cells[1:], found.p, *found.interval(), strict=True):
        both = np.isfinite(variant)
        test = stats.ttest_rel(variant[both], cells[0][both])
        assert (p, low, high) == pytest.approx((test.pvalue, *test.confidence_interval(0.95)))
    assert (found.weight**2 <= MOST_SHARED).all()


@pytest.mark.parametrize("gaps", [(), ((2, 1), (2, 3)), ((0, 0), (4, 4))])
def test_equal_variances_are_dunnetts(gaps: tuple[tuple[int, int], ...]) -> None:
    cells = values()
    for gap in gaps:
        cells[gap] = GAP
    known = [row[np.isfinite(row)] for row in cells]
    test = stats.dunnett(*known[1:], control=known[0], rng=np.random.default_rng(0))
    found = compare(cells, method="equal_variances")
    strongest = int(np.argmin(found.p))
    # Stepping down leaves the first as it is; SciPy's own number is Monte Carlo.
    assert found.adjusted[strongest] == pytest.approx(test.pvalue[strongest], abs=0.002)
    assert (found.adjusted <= test.pvalue + 0.002).all()
    interval = test.confidence_interval(0.95)
    assert np.array(found.interval(found.level)) == pytest.approx(np.array([interval.low, interval.high]), abs=0.02)


@pytest.mark.parametrize(("method", "seed"), list(itertools.product(METHODS, range(3))))
def test_adjusted_ps_are_those_of_a_plain_implementation(method: Method, seed: int) -> None:
    cells = values(seed)
    cells[1, 2] = GAP
    found = compare(cells, method=method)
    assert found.adjusted == pytest.approx(plain_step_down(found), abs=2e-4)
    level = optimize.brentq(lambda p: plain_none_below(p, found.weight, found.shared) - 0.95, 0.01, 0.05, xtol=1e-6)
    assert found.level == pytest.approx(level, rel=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_an_interval_of_all_at_once_is_the_single_step_tests(method: Method) -> None:
    found = compare(values(3), method=method)
    low, high = found.interval(found.level)
    single = 1 - multiplicity.none_below(found.p, found.weight[None].repeat(4, 0), shared=found.shared)
    assert list((low > 0) | (high < 0)) == list(single < 0.05)
    own_low, own_high = found.interval()
    assert (low < own_low).all()
    assert (high > own_high).all()
    assert (found.adjusted <= single + 1e-9).all()
    assert (found.adjusted >= found.p).all()


@pytest.mark.parametrize("method", METHODS)
def test_many_studies_at_once_are_each_on_its_own(method: Method) -> None:
    cells = np.stack([values(seed) for seed in range(4)])
    cells[1, 2, 0] = GAP
    together = compare(cells, method=method)
    for turn, one in enumerate(cells):
        alone = compare(one, method=method)
        assert together.adjusted[turn] == pytest.approx(alone.adjusted, rel=1e-9)
        assert together.level[turn] == pytest.approx(alone.level, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_equivalence_is_two_one_sided_tests(method: Method) -> None:
    cells, margin = values(), 2.5
    found = compare(cells, method=method)
    farther = np.asarray(stats.t.sf((margin + found.value) / found.error, found.freedom))
    nearer = np.asarray(stats.t.sf((margin - found.value) / found.error, found.freedom))
    assert found.equivalence(margin) == pytest.approx(np.maximum(farther, nearer))
    if method == "welch":
        below = stats.ttest_ind(cells[1], cells[0] + margin, equal_var=False, alternative="less")
        above = stats.ttest_ind(cells[1], cells[0] - margin, equal_var=False, alternative="greater")
        assert found.equivalence(margin)[0] == pytest.approx(max(float(below.pvalue), float(above.pvalue)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.filterwarnings("error")
def test_where_nothing_can_be_tested_nothing_is(method: Method, seeds: int) -> None:
    one = np.full((3, seeds), GAP)
    one[:, 0] = [0.1, 0.2, 0.3]
    for cells in (one, np.full((3, seeds), GAP), one[:1]):
        found = compare(cells, method=method)
        assert np.isnan(found.p).all()
        assert np.isnan(found.adjusted).all()
        assert np.isnan(found.interval(found.level)).all()
        assert np.isnan(found.equivalence(0.1)).all()


@pytest.mark.filterwarnings("error")
def test_one_seed_of_one_variant_leaves_the_others_as_they_are() -> None:
    cells = values()
    cells[4, 1:] = GAP
    found, without = compare(cells, method="welch"), compare(cells[:4], method="welch")
    assert math.isnan(found.adjusted[3])
    assert found.adjusted[:3] == pytest.approx(without.adjusted)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", METHODS)
def test_without_spread_the_p_is_that_of_permutations(method: Method) -> None:
    cells = np.array([[0.1] * 3, [0.1] * 3, [0.3] * 3])
    found = compare(cells, method=method)
    test = stats.permutation_test(
        [list(cells[2]), list(cells[0])],
        lambda a, b: float(np.mean(a) - np.mean(b)),
        permutation_type="samples" if method == "paired" else "independent",
    )
    assert list(found.p) == pytest.approx([1, float(test.pvalue)])
    assert list(found.value) == pytest.approx([0, 0.2])
    assert np.isnan(found.interval()).all()


def test_a_thousand_numbers_are_the_same_on_every_call() -> None:
    cells = np.random.default_rng(1).normal(size=(13, 5))
    first, again = (compare(cells, method="equal_variances") for _ in range(2))
    assert (first.adjusted == again.adjusted).all()
