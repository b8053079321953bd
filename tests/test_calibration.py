"""The errors that the rule promises, on as many simulated studies as take seconds; `make calibration` takes more."""

import math

import pytest

from study.space.search_space import Method
from tests.calibration import (
    CHANCES,
    CORRELATIONS,
    MANY_SEEDS,
    METHODS,
    RATIOS,
    SEEDS,
    UNEQUAL,
    Numbers,
    cells,
    coverage,
    failing_studies,
    false_equivalence,
    family_wise_error,
    found_in,
    independent,
    mean_coverage,
    power,
    power_without_looks,
    unequal_studies,
)

DRAWS = 1_000


def above(rate: float, *, draws: int) -> float:
    """What so many draws may show by chance, in three standard errors, where the true rate is this."""
    return rate + 3 * math.sqrt(rate * (1 - rate) / draws)


@pytest.mark.parametrize("method", METHODS)
def test_differences_are_found_where_there_are_none_as_seldom_as_promised(method: Method) -> None:
    errors = {cell: family_wise_error(cell, method, draws=DRAWS) for cell in cells(method)}
    assert max(errors.values()) <= above(0.055, draws=DRAWS), errors


@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_differences_cover_what_they_claim(method: Method) -> None:
    for cell in cells(method):
        held = coverage(cell, method, draws=DRAWS)
        assert 1 - held.min() <= above(0.06, draws=DRAWS), cell
        if independent(cell, method):
            assert held.mean() <= 0.97, cell


@pytest.mark.parametrize("seeds", SEEDS)
def test_intervals_of_means_cover_what_they_claim(seeds: int) -> None:
    assert 0.94 <= mean_coverage(seeds, draws=5_000) <= 0.96


@pytest.mark.parametrize("method", METHODS)
def test_an_effect_as_large_as_the_margin_is_seldom_called_none(method: Method) -> None:
    for cell in cells(method):
        found = false_equivalence(cell, method, draws=DRAWS)
        assert found.mean() <= above(0.05, draws=DRAWS), cell


@pytest.mark.parametrize(
    ("method", "share", "least"),
    [("welch", CORRELATIONS[0], 0.36), ("paired", CORRELATIONS[1], 0.53), ("equal_variances", CORRELATIONS[0], 0.62)],
)
def test_real_effects_are_found_as_often_as_promised(method: Method, share: float, least: float) -> None:
    assert power(method, share=share, draws=DRAWS) >= least


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("numbers", UNEQUAL)
def test_unequal_numbers_of_seeds_keep_the_error(numbers: Numbers, ratio: float) -> None:
    error = found_in(unequal_studies(numbers, ratio=ratio, draws=DRAWS))
    assert error <= above(0.055 if ratio == 1 else 0.09, draws=DRAWS)


@pytest.mark.parametrize("chance", CHANCES)
@pytest.mark.parametrize("seeds", MANY_SEEDS)
def test_seeds_that_fail_alike_everywhere_keep_the_error(seeds: int, chance: float) -> None:
    assert found_in(failing_studies(seeds, chance=chance, draws=DRAWS)) <= above(0.055, draws=DRAWS)


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "least"), [(5, 0.36), (8, 0.78), (10, 0.90)])
def test_an_effect_of_two_standard_deviations_is_found(seeds: int, least: float) -> None:
    assert power_without_looks(seeds, draws=5_000) >= least
