"""What Optuna is told about each factor."""

from typing import Any

import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    check_distribution_compatibility,
)

from study.space.design import Design, Sampler
from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.sweep.distributions import distributions
from tests import toy_task
from tests.toy_task import DEPTH, POOLING

optuna.logging.set_verbosity(optuna.logging.WARNING)

RATE = Factor("rate", Range(0.001, 1.0, log=True))
WIDTH = Factor("width", Range(8, 64, step=8))


def sweep(*factors: Factor, sampler: Sampler = "tpe", seed: int = 0, **changes: Any) -> SearchSpace:
    return toy_task.space(*factors, design=Design("sweep", seed, 40, sampler, "none"), **changes)


@pytest.mark.parametrize(
    ("factor", "distribution"),
    [
        (DEPTH, CategoricalDistribution((1, 3, 5))),
        (POOLING, CategoricalDistribution(("max", "mean", "flat"))),
        (Factor("depth", Range(1, 9)), IntDistribution(1, 9)),
        (WIDTH, IntDistribution(8, 64, step=8)),
        (Factor("width", Range(1, 64, log=True)), IntDistribution(1, 64, log=True)),
        (RATE, FloatDistribution(0.001, 1.0, log=True)),
        (Factor("rate", Range(0.0, 0.5, step=0.1)), FloatDistribution(0.0, 0.5, step=0.1)),
    ],
)
def test_a_sweep_tells_optuna_what_may_be_sampled(factor: Factor, distribution: BaseDistribution) -> None:
    space = sweep(factor)
    assert distributions(space) == {factor.name: distribution}
    assert distribution._contains(distribution.to_internal_repr(space.baseline[factor.name]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DEPTH, Factor("depth", (1, 3, 5, 9))),
        (Factor("rate", (0.1, 1.0)), Factor("rate", (0.01, 0.1))),
        (Factor("pooling", ("max", "mean"), POOLING.choices), POOLING),
        (Factor("mask", ("library", 0), ("library", 0, 1)), Factor("mask", (1, "library"), ("library", 0, 1))),
    ],
)
def test_a_study_may_get_other_levels_later(before: Factor, after: Factor) -> None:
    old, new = (distributions(toy_task.space(factor))[factor.name] for factor in (before, after))
    check_distribution_compatibility(old, new)
    assert not isinstance(after.levels, Range)
    assert all(new._contains(new.to_internal_repr(level)) for level in after.levels)
