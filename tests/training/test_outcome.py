"""A training ends as diverged if a loss of it is not a number, whatever that loss is called."""

import math
from typing import Any

import pytest

from study.space.trial import Metrics
from study.training.outcome import Outcome, is_diverged

NAN, INFINITE = math.nan, math.inf


@pytest.mark.parametrize("metrics", [{"loss": NAN}, {"loss": INFINITE, "acc": 1.0}, {"d_loss": 1.0, "g_loss": NAN}])
def test_it_is_diverged(metrics: Metrics) -> None:
    assert is_diverged(metrics)


@pytest.mark.parametrize(
    "metrics", [{"loss": 1.0, "val_loss": NAN}, {"acc": 1.0}, {"loss": 1.0, "part_loss": NAN}, {"precision": NAN}]
)
def test_it_is_not(metrics: Metrics) -> None:
    assert not is_diverged(metrics)


def test_the_reason_names_the_epoch() -> None:
    model: Any = None
    assert Outcome("pruned", ({}, {}), model).reason == "ended by the pruner after epoch 2"
    assert Outcome("complete", ({},), model).reason == ""
