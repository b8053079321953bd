"""What is left of a study that has begun."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.running.plan import Model, Plan
from study.running.remaining import Remaining, remaining
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import sweep, work
from tests.running.begun_study import begun
from tests.trial_functions import space, succeed

PLAN = Plan(
    "played", 6, (Model("baseline", 1, 1, seconds=60.0, points=3, measured=True),), workers=2, start=5.0, disk=0
)


def taking(config: TrialConfig) -> TrialResult:
    """The baseline takes 100 seconds, and every other point 400."""
    return replace(succeed(config), seconds=100.0 if config.delta(space().config({}, seed=0)) == "baseline" else 400.0)


def test_a_cell_takes_as_long_as_its_point_did_and_what_is_done_of_it_less(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        work(ledger, taking, most=2)  # On the first seed: the baseline and one of two variants.
        ledger.release(begun(ledger, epochs=1).number, "stopped")
        left = remaining(ledger, PLAN)
    points = [cell.point for cell in ledger.cells()]
    assert points[0] == "baseline"
    # Left are the other variant, of which a third is done, and all three points on the second seed.
    seconds = 60 * 2 / 3 + 100 + 400 + 60
    assert (left.done, left.cells) == (2, 4)
    assert left.hours == pytest.approx((seconds / 2 + 10) / 3600)


def test_a_complete_study_takes_no_time(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        work(ledger)
        assert remaining(ledger, PLAN) == Remaining(6, 0, 0.0)


def test_if_no_model_was_timed_the_cells_so_far_tell(tmp_path: Path) -> None:
    untimed = replace(PLAN, models=(replace(PLAN.models[0], seconds=None),))
    with Ledger.own(tmp_path, space()) as ledger:
        assert remaining(ledger, untimed) == Remaining(0, 6, None)
        work(ledger, taking, most=1)
        assert remaining(ledger, untimed).hours == pytest.approx((5 * 100 / 2 + 10) / 3600)


def test_cells_that_a_search_has_yet_to_suggest_count(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, sweep(trials=4)) as ledger:
        work(ledger, most=1)
        left = remaining(ledger, PLAN)
        assert (left.done, left.done + left.cells) == (1, ledger.counts().total())
        assert left.hours == pytest.approx((left.cells * 60 / 2 + 10) / 3600)


def test_what_is_left_is_told_in_a_line() -> None:
    assert str(Remaining(6, 12, 0.5)) == "it has begun: 6 cells are there, and 12 are left: about 30 min"
    assert str(Remaining(6, 12, None)) == "it has begun: 6 cells are there, and 12 are left: unknown"
    assert str(Remaining(18, 0, 0.0)) == "it has begun: all 18 cells are there"
