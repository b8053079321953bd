"""How a plan adds up times. The tests of the command try its models out, and a benchmark checks its forecast."""

import pytest

from study.running.plan import Model, Plan


def model(seconds: float | None, points: int) -> Model:
    return Model("a", 1, 1, seconds, points, measured=True)


def test_a_model_counts_for_every_point_that_trains_it() -> None:
    plan = Plan("a", 70, (model(10.0, 6), model(80.0, 1)), workers=2, start=5.0, disk=0)
    assert plan.hours == pytest.approx((70 * (6 * 10 + 80) / 7 / 2 + 10) / 3600)


def test_models_without_a_time_count_as_the_mean_of_the_others() -> None:
    plan = Plan("a", 10, (model(10.0, 1), model(None, 3)), workers=1, start=0.0, disk=0)
    assert plan.hours == pytest.approx(100 / 3600)
    assert Plan("a", 10, (model(None, 1),), workers=1, start=0.0, disk=0).hours is None
