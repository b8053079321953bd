"""Chances of the smallest p, beside what other programs and hand computation give."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from study.inference import multiplicity


def test_independent_comparisons_multiply() -> None:
    p = np.array(0.05)
    assert multiplicity.none_below(p, np.zeros(3)) == pytest.approx(0.95**3, abs=1e-8)


def test_a_shared_baseline_gives_the_probability_of_the_multivariate_normal() -> None:
    bound = stats.norm.ppf(1 - 0.05 / 2)
    covariance = np.full((2, 2), 0.5) + 0.5 * np.eye(2)
    normal = stats.multivariate_normal(cov=covariance)
    expected = normal.cdf([bound] * 2, lower_limit=[-bound] * 2)
    assert multiplicity.none_below(np.array(0.05), np.full(2, np.sqrt(0.5))) == pytest.approx(expected, abs=1e-5)


def test_one_shared_estimate_of_the_variance_gives_dunnetts_test() -> None:
    samples = [np.random.default_rng(turn).normal(0.5 * turn, size=5) for turn in range(3)]
    expected = stats.dunnett(*samples[1:], control=samples[0]).pvalue
    pooled, freedom = np.mean([sample.var(ddof=1) for sample in samples]), 12.0
    statistic = np.array([sample.mean() - samples[0].mean() for sample in samples[1:]]) / np.sqrt(pooled * 2 / 5)
    p = multiplicity.two_sided(statistic, np.array(freedom))
    weights = np.full((2, 2), np.sqrt(0.5))
    single = 1 - multiplicity.none_below(p, weights, shared=np.array([freedom, freedom]))
    assert single == pytest.approx(expected, abs=2e-3)


def test_step_down_never_falls_and_leaves_out_what_is_no_test() -> None:
    p, weights = np.array([0.03, np.nan, 0.001, 0.02]), np.full(4, np.sqrt(0.5))
    adjusted = multiplicity.step_down(p, np.where(np.isfinite(p), weights, np.nan))
    assert np.isnan(adjusted[1])
    assert adjusted[2] < adjusted[3] <= adjusted[0]
    assert (adjusted[[0, 2, 3]] >= p[[0, 2, 3]]).all()


def test_the_level_of_one_comparison_is_the_error_itself() -> None:
    assert multiplicity.level(np.array([0.5]), error=0.05) == pytest.approx(0.05, abs=1e-6)
    assert 0.05 / 4 <= multiplicity.level(np.full(4, np.sqrt(0.5)), error=0.05) < 0.05


@pytest.mark.parametrize("shares", [[0.99] * 4, [0.9999, 0.5, 0.2], [0.95] * 8, [1 - 1e-8, 0.99, 0.9], [1.0, 0.3]])
@pytest.mark.parametrize("p", [0.5, 0.05, 0.001])
def test_the_integral_is_good_to_eight_digits_even_if_the_baseline_has_all_the_variance(
    shares: list[float], p: float
) -> None:
    weights = np.sqrt(np.minimum(shares, 1 - 1e-13))
    bound, rest = stats.norm.isf(p / 2), np.sqrt(1 - weights**2)

    def integrand(noise: float) -> float:
        ends = (weights * noise + np.array([[bound], [-bound]])) / rest
        return float(2 * stats.norm.pdf(noise) * np.prod(np.diff(-stats.norm.cdf(ends), axis=0)))

    edges = sorted({0.0, 9.0, *(float(np.clip(bound + k * r, 0, 9)) for r in rest for k in (-8, -3, 0, 3, 8))})
    parts = [integrate.quad(integrand, *ends, epsabs=1e-13, limit=200)[0] for ends in itertools.pairwise(edges)]
    assert float(multiplicity.none_below(np.array(p), np.sqrt(np.array(shares)))) == pytest.approx(sum(parts), abs=1e-8)
