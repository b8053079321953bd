"""How many cells a study with looks will probably need."""

import pytest

from study.inference.expected_trials import expected_text, expected_trials
from study.inference.looks import Plan
from study.space.looks import look_seeds

PLAN = Plan(look_seeds((5, 8, 12, 20), paired=False), "welch", None, 1)
LEAST, MOST = 12 + 8 * 5, 9 * 20


def test_larger_effects_need_fewer_cells_and_never_fewer_than_one_look() -> None:
    none, middling, large = expected_trials(PLAN, variants=8, deviation=None)
    assert LEAST <= large.trials < middling.trials <= MOST
    assert none.trials < 0.6 * MOST
    assert [one.effect for one in (none, middling, large)] == [0, 1, 2]


def test_a_margin_is_measured_in_the_spread_so_far() -> None:
    wide = expected_trials(PLAN._replace(margin=0.3), variants=3, deviation=0.1)[0]
    narrow = expected_trials(PLAN._replace(margin=0.03), variants=3, deviation=0.1)[0]
    unknown = expected_trials(PLAN._replace(margin=0.3), variants=3, deviation=None)[0]
    assert wide.trials < unknown.trials
    assert narrow.trials == pytest.approx(expected_trials(PLAN, variants=3, deviation=0.1)[0].trials)


def test_the_line_says_what_is_assumed() -> None:
    expected = expected_trials(PLAN, variants=2, deviation=None)
    line = expected_text(expected, PLAN, deviation=None)
    assert line.startswith(f"cells to expect: {expected[0].trials:.0f} if no change has an effect, ")
    assert line.endswith(f"{expected[2].trials:.0f} if each has one of 2 sd over seeds")
    assert "margin" in expected_text(expected, PLAN._replace(margin=0.1), deviation=None)
    assert "margin" not in expected_text(expected, PLAN._replace(margin=0.1), deviation=0.1)


def test_pairs_look_too_and_a_hundred_variants_are_the_most() -> None:
    paired = PLAN._replace(method="paired", looks=look_seeds((5, 8), paired=True))
    assert 15 <= expected_trials(paired, variants=2, deviation=None)[2].trials <= 24
    assert expected_trials(PLAN, variants=101, deviation=None) == []
    assert expected_text([], PLAN, deviation=None) == ""
