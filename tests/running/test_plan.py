"""How a plan adds up times. The tests of the command try its models out, and a benchmark checks its forecast."""

from dataclasses import replace

import pytest

from study.running.model_probes import ModelProbe
from study.running.plan import Model, Plan, _faster, _other_precision
from study.space.toml_file import read
from study.space.trial import TrialConfig
from tests.conftest import ROOT, SMOKE


def model(seconds: float | None, points: int) -> Model:
    return Model("a", 1, 1, seconds, points, measured=True)


def test_a_model_counts_for_every_point_that_trains_it() -> None:
    plan = Plan("a", 70, (model(10.0, 6), model(80.0, 1)), workers=2, start=5.0, disk=0)
    assert plan.hours == pytest.approx((70 * (6 * 10 + 80) / 7 / 2 + 10) / 3600)


def test_models_without_a_time_count_as_the_mean_of_the_others() -> None:
    plan = Plan("a", 10, (model(10.0, 1), model(None, 3)), workers=1, start=0.0, disk=0)
    assert plan.hours == pytest.approx(100 / 3600)
    assert Plan("a", 10, (model(None, 1),), workers=1, start=0.0, disk=0).hours is None


def smoke(**settings: str) -> TrialConfig:
    config = read(ROOT / SMOKE).config({}, seed=0)
    return replace(config, settings={**config.settings, **settings})


def test_another_precision_is_tried_where_the_task_has_a_choice() -> None:
    (other,) = _other_precision(smoke())
    assert other == smoke(precision="mixed_bfloat16")
    for level in ("mixed_bfloat16", "mixed_float16"):
        assert _other_precision(smoke(precision=level)) == [smoke(precision="float32")]


@pytest.mark.parametrize("path", ["tests/user_tasks/precision.py:task", "tests/user_tasks/points.py:task"])
def test_a_task_without_the_setting_or_with_other_levels_has_no_other_precision(path: str) -> None:
    config = replace(smoke(), reference=str(ROOT / path), settings={"precision": "double"})
    assert _other_precision(config) == []


@pytest.mark.parametrize(
    ("usual", "other", "said"),
    [
        ({"train": 1.0}, {"train": 0.5}, ("mixed_bfloat16", 2.0)),
        ({"train": 1.0}, {"train": 0.9}, None),
        ({"train": 1.0}, {}, None),  # It could not be built, or there was no time.
        ({}, {"train": 1.0}, None),
    ],
)
def test_another_precision_is_worth_a_line_if_it_is_faster(
    usual: dict[str, float], other: dict[str, float], said: tuple[str, float] | None
) -> None:
    def probe(timing: dict[str, float]) -> ModelProbe:
        return ModelProbe(smoke(precision="mixed_bfloat16"), {"flops": 1}, timing, wait=0.0)

    assert _faster(probe(usual), [probe(other)]) == said
    assert _faster(probe(usual), []) is None
