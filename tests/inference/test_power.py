"""What a design can find, and the seeds that would decide: against simulation and by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from study.inference.power import deciding, detectable
from study.inference.t_tests import ERROR, compare
from study.space.search_space import Method
from tests.calibration import METHODS


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("seeds", "variants"), [(3, 5), (5, 8), (10, 1)])
def test_an_effect_that_a_plan_names_is_found_so_often(method: Method, seeds: int, variants: int) -> None:
    effect = detectable(seeds=seeds, variants=variants, method=method)
    values = np.random.default_rng(3).normal(size=(2_000, variants + 1, seeds))
    # In units of the pairs' differences, which here have the variance of both sides.
    values[:, 1] += effect * (math.sqrt(2) if method == "paired" else 1)
    found = (compare(values, method=method).adjusted[:, 0] < ERROR).mean()
    # At three seeds Welch's degrees of freedom vary, and the plan is a little on the safe side.
    assert 0.76 < found < 0.87


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_finds_nothing(method: Method) -> None:
    assert math.isinf(detectable(seeds=1, variants=3, method=method))
    assert math.isinf(detectable(seeds=5, variants=0, method=method))


def test_a_plan_is_the_same_on_every_call_and_knows_of_many_variants() -> None:
    few, many = (detectable(seeds=5, variants=count, method="welch") for count in (1, 5_000))
    assert few == detectable(seeds=5, variants=1, method="welch")
    assert 2 < few < many < 10


def test_the_seeds_that_would_decide_have_the_power_and_one_less_has_not() -> None:
    values = np.random.default_rng(4).normal(size=(2, 5)) + np.array([[0.0], [0.8]])
    found = compare(values, method="paired")
    (seeds,) = deciding(found, margin=None)
    effect = abs(found.value[0]) / found.spread[0]

    def power(n: float) -> float:
        return float(stats.nct.sf(stats.t.isf(ERROR / 2, n - 1), n - 1, effect * math.sqrt(n)))

    assert power(seeds) >= 0.8 > power(seeds - 1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", METHODS)
def test_what_no_number_of_seeds_decides_is_said(method: Method) -> None:
    same = np.random.default_rng(0).normal(size=5)
    nearly = np.array([same, same[::-1] + 1e-4])
    assert np.isinf(deciding(compare(nearly, method=method), margin=None)).all()
    assert np.isfinite(deciding(compare(nearly, method=method), margin=2.0)).all()
    for nothing in (np.ones((3, 4)), np.ones((3, 1))):
        assert np.isinf(deciding(compare(nothing, method=method), margin=0.1)).all()


def test_seeds_decide_by_either_way() -> None:
    values = np.random.default_rng(4).normal(size=(2, 200_000)) + np.array([[0.0], [0.5]])
    values = (values - values.mean(1, keepdims=True)) / values.std(1, ddof=1, keepdims=True) + np.array([[0.0], [0.5]])
    found = compare(values, method="welch")
    margin = 1.1
    (seeds,) = deciding(found, margin=margin)
    draws = np.random.default_rng(5).normal(size=(20_000, 2, int(seeds))) + np.array([[0.0], [0.5]])
    drawn = compare(draws, method="welch")
    decided = (drawn.p[:, 0] < ERROR) | (drawn.equivalence(margin)[:, 0] < ERROR)
    assert 0.79 < decided.mean() < 0.83
    assert seeds < min(deciding(found, margin=None)[0], 40)
