"""What looks promise, on as many simulated studies as take seconds; `make calibration` takes more."""

import pytest

from tests.look_calibration import (
    NO_EFFECT,
    PLAN,
    WITH_MARGIN,
    false_equivalence,
    family_wise_error,
    mixtures_called_the_same,
    two_effects,
)
from tests.test_calibration import above

DRAWS = 400


@pytest.mark.parametrize(
    "situation",
    [pytest.param(words, marks=pytest.mark.slow if place else ()) for place, words in enumerate(NO_EFFECT)],
)
def test_looks_find_differences_where_there_are_none_as_seldom_as_promised(situation: str) -> None:
    draw, most = NO_EFFECT[situation]
    assert family_wise_error(draw, draws=DRAWS) <= above(most, draws=DRAWS)


def test_an_effect_as_large_as_the_margin_is_seldom_called_none_over_all_looks() -> None:
    assert false_equivalence(draws=DRAWS) <= above(0.05, draws=DRAWS)


def test_a_mixture_is_never_called_no_different_once_a_seed_has_failed() -> None:
    mixed, clean = mixtures_called_the_same(draws=100)
    assert mixed == 0
    assert clean > 0.1


@pytest.mark.slow
def test_looks_find_real_effects_with_fewer_trials() -> None:
    with_margin, without = two_effects(WITH_MARGIN, draws=DRAWS), two_effects(PLAN, draws=DRAWS)
    assert with_margin.power >= 0.985
    assert without.power >= 0.985
    assert max(with_margin.error, without.error) <= above(0.05, draws=DRAWS)
    assert with_margin.trials <= 0.8
    assert without.trials <= 0.5
    assert with_margin.same >= 0.5
    assert without.same == 0
