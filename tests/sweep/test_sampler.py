"""Which point a sweep tries next."""

import random
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from study.space.design import Design, Sampler
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.sweep.distributions import distributions
from study.sweep.sampler import make_sampler, suggest
from study.sweep.tried_point import Suggestion, TriedPoint
from tests import toy_task
from tests.toy_task import DEPTH

optuna.logging.set_verbosity(optuna.logging.WARNING)

RATE = Factor("rate", Range(0.001, 1.0, log=True))
SAMPLERS: list[Sampler] = ["tpe", "random"]
Points = list[dict[str, Any]]


def sweep(*factors: Factor, sampler: Sampler = "tpe", seed: int = 0, **changes: Any) -> SearchSpace:
    return toy_task.space(*factors, design=Design("sweep", seed, 40, sampler, "none"), **changes)


def value(params: dict[str, Any]) -> float:
    return float(-abs(np.log10(params["rate"]) + 2) - params["depth"] / 10)


def suggested(space: SearchSpace, history: Points) -> dict[str, Any]:
    """The next point after a history that another process left."""
    study, asked = optuna.create_study(direction="maximize"), distributions(space)
    for params in history:
        study.add_trial(optuna.trial.create_trial(params=params, distributions=asked, value=value(params)))
    study.sampler = make_sampler(space, draws=len(history))
    return study.ask(asked).params


def trials(space: SearchSpace, number: int) -> Points:
    """Points suggested one after another, each by a new process."""
    history: Points = []
    for _ in range(number):
        history.append(suggested(space, history))
    return history


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_suggestion_depends_on_the_history_alone_and_not_on_restarts(sampler: Sampler) -> None:
    space = sweep(DEPTH, RATE, sampler=sampler)
    study = optuna.create_study(direction="maximize")
    for number in range(14):
        random.seed(number)
        np.random.seed(number)
        study.sampler = make_sampler(space, draws=number)
        trial = study.ask(distributions(space))
        study.tell(trial, value(trial.params))
    assert [trial.params for trial in study.trials] == trials(space, 14)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_suggestions_differ_from_trial_to_trial_and_from_seed_to_seed(sampler: Sampler) -> None:
    first, second = (trials(sweep(DEPTH, RATE, sampler=sampler, seed=seed), 6) for seed in (0, 1))
    rates = {point["rate"] for point in first + second}
    assert len(rates) == 12


def test_a_tree_of_parzen_estimators_learns_from_the_history() -> None:
    good = [{"depth": 1, "rate": 0.01 + n / 10_000} for n in range(12)]
    bad = [{"depth": 5, "rate": 0.9 + n / 1_000} for n in range(24)]
    asked = [suggested(sweep(DEPTH, RATE, seed=seed), good + bad) for seed in range(8)]
    assert sum(0.003 < point["rate"] < 0.03 for point in asked) >= 6
    assert sum(point["depth"] == 1 for point in asked) >= 6


def test_samplers_are_the_ones_declared() -> None:
    assert isinstance(make_sampler(sweep(DEPTH), draws=0), optuna.samplers.TPESampler)
    assert isinstance(make_sampler(sweep(DEPTH, sampler="random"), draws=0), optuna.samplers.RandomSampler)
    kinds: dict[Sampler, str] = {"qmc": "QMCSampler", "cmaes": "CmaEsSampler", "nsga2": "NSGAIISampler"}
    for name, kind in kinds.items():
        objectives = (Objective("val_acc", "maximize"), Objective("flops", "minimize"))[: 1 + (name == "nsga2")]
        assert type(make_sampler(sweep(RATE, sampler=name, objectives=objectives), draws=0)).__name__ == kind


def test_a_quasi_random_search_fills_the_space_more_evenly_than_chance() -> None:
    space = sweep(Factor("rate", Range(0.0, 1.0)), sampler="qmc")
    tried = [TriedPoint(Suggestion(space.config({}, seed=0)), TrialState.RUNNING)]
    while len(tried) <= 16:
        draw = suggest(space, tried, excluded=set())
        assert draw is not None
        tried.append(TriedPoint(draw, TrialState.PRUNED))
    rates = sorted(float(point.suggestion.config.settings["rate"]) for point in tried[1:])
    assert [int(16 * rate) for rate in rates] == list(range(16))
