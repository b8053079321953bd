"""Which point a sweep tries next."""

import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    check_distribution_compatibility,
)
from optuna.trial import TrialState

from study.ledger.ledger import Ledger
from study.space import points as design
from study.space.design import Design, Pruner, Sampler
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.sweep import sampler as search
from tests import toy_task
from tests import trial_functions as trials_of
from tests.benchmarks.replays import Results, Spent, ours
from tests.toy_task import DEPTH, NORM, POOLING

optuna.logging.set_verbosity(optuna.logging.WARNING)

RATE = Factor("rate", Range(0.001, 1.0, log=True))
WIDTH = Factor("width", Range(8, 64, step=8))
SAMPLERS: list[Sampler] = ["tpe", "random"]
Points = list[dict[str, Any]]


def sweep(*factors: Factor, sampler: Sampler = "tpe", seed: int = 0, **changes: Any) -> SearchSpace:
    return toy_task.space(*factors, design=Design("sweep", seed, 40, sampler, "none"), **changes)


def value(params: dict[str, Any]) -> float:
    return float(-abs(np.log10(params["rate"]) + 2) - params["depth"] / 10)


def suggested(space: SearchSpace, history: Points) -> dict[str, Any]:
    """The next point after a history that another process left."""
    study, distributions = optuna.create_study(direction="maximize"), search.distributions(space)
    for params in history:
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=value(params)))
    study.sampler = search.sampler(space, history=len(history))
    return study.ask(distributions).params


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
        study.sampler = search.sampler(space, history=number)
        trial = study.ask(search.distributions(space))
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


def test_samplers_and_pruners_are_the_ones_declared() -> None:
    assert isinstance(search.sampler(sweep(DEPTH), history=0), optuna.samplers.TPESampler)
    assert isinstance(search.sampler(sweep(DEPTH, sampler="random"), history=0), optuna.samplers.RandomSampler)
    median = toy_task.space(DEPTH, design=Design("sweep", pruner="median"))
    assert isinstance(search.pruner(median), optuna.pruners.MedianPruner)
    assert isinstance(search.pruner(sweep(DEPTH)), optuna.pruners.NopPruner)
    assert isinstance(search.pruner(toy_task.space(DEPTH)), optuna.pruners.NopPruner)
    kinds: dict[Sampler, str] = {"qmc": "QMCSampler", "cmaes": "CmaEsSampler", "nsga2": "NSGAIISampler"}
    for name, kind in kinds.items():
        objectives = (Objective("val_acc", "maximize"), Objective("flops", "minimize"))[: 1 + (name == "nsga2")]
        assert type(search.sampler(sweep(RATE, sampler=name, objectives=objectives), history=0)).__name__ == kind
    pruners: dict[Pruner, str] = {
        "hyperband": "HyperbandPruner",
        "successive_halving": "SuccessiveHalvingPruner",
        "patient": "PatientPruner",
        "wilcoxon": "NopPruner",  # It judges by seeds, and a search has one.
    }
    for pruner, kind in pruners.items():
        assert type(search.pruner(toy_task.space(design=Design("sweep", pruner=pruner)))).__name__ == kind


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
    assert search.distributions(space) == {factor.name: distribution}
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
    old, new = (search.distributions(toy_task.space(factor))[factor.name] for factor in (before, after))
    check_distribution_compatibility(old, new)
    assert not isinstance(after.levels, Range)
    assert all(new._contains(new.to_internal_repr(level)) for level in after.levels)


def test_what_was_not_tried_is_found_to_the_last_point() -> None:
    space = sweep(Factor("depth", (3, 8)), POOLING, NORM)
    seen: list[str] = []
    while (new := search.unseen(space, seen=seen, history=len(seen))) is not None:
        seen.append(new.key)
    # Two of the twelve points, depth 8 with a flat map, are refused by the task.
    assert len(set(seen)) == len(seen) == 10


def test_a_range_of_whole_numbers_is_exhausted_too() -> None:
    space = sweep(WIDTH)
    seen: set[str] = set()
    widths = []
    while (new := search.unseen(space, seen=seen, history=len(seen))) is not None:
        seen.add(new.key)
        widths.append(new.settings["width"])
    assert sorted(map(int, widths)) == list(range(8, 65, 8))
    assert all(type(width) is int for width in widths)
    assert widths != sorted(map(int, widths))


def test_the_next_unseen_point_depends_on_seed_and_history_alone() -> None:
    space, other = sweep(DEPTH, RATE), sweep(DEPTH, RATE, seed=1)
    first = search.unseen(space, seen=(), history=5)
    random.seed(0)
    assert search.unseen(space, seen=(), history=5) == first
    assert search.unseen(space, seen=(), history=6) != first
    assert search.unseen(other, seen=(), history=5) != first


@pytest.mark.parametrize(
    "levels",
    [
        Range(0.001, 1.0, log=True),
        Range(0.0001, 0.3),
        Range(0.0, 0.6, step=0.1),
        Range(0.1, 0.7, step=0.2),
    ],
)
def test_what_is_drawn_lies_in_its_range(levels: Range) -> None:
    space = sweep(Factor("rate", levels), Factor("width", Range(1, 2**40)))
    drawn = [search.unseen(space, seen=(), history=number) for number in range(40)]
    rates = [config.settings["rate"] for config in drawn if config is not None]
    assert len(rates) == 40
    assert all(rate in levels for rate in rates)
    assert len(set(rates)) >= min(levels.size or 40, 4)


def test_a_logarithmic_range_of_whole_numbers_is_drawn_by_magnitude() -> None:
    space = sweep(Factor("width", Range(1, 2**40, log=True)))
    drawn = [search.unseen(space, seen=(), history=number) for number in range(60)]
    levels = [config.settings["width"] for config in drawn if config is not None]
    widths = [level for level in levels if isinstance(level, int)]
    assert len(widths) == 60
    assert 10 <= sum(width < 2**20 for width in widths) <= 50


def test_a_narrow_logarithmic_range_is_not_left() -> None:
    narrow = [(low, math.nextafter(low, 1)) for low in (n / 1_000 for n in range(100, 200))]
    for low, high in narrow:
        space = sweep(Factor("rate", Range(low, high, log=True)), baseline={**toy_task.space().baseline, "rate": low})
        config = search.unseen(space, seen=(), history=0)
        assert config is not None
        assert low <= config.settings["rate"] <= high  # type: ignore[operator]


def test_a_quasi_random_search_fills_the_space_more_evenly_than_chance() -> None:
    space = sweep(Factor("rate", Range(0.0, 1.0)), sampler="qmc")
    tried = [search.Tried(search.Draw(space.config({}, seed=0)), TrialState.RUNNING)]
    while len(tried) <= 16:
        draw = search.suggest(space, tried, seen=set())
        assert draw is not None
        tried.append(search.Tried(draw, TrialState.PRUNED))
    rates = sorted(float(point.draw.config.settings["rate"]) for point in tried[1:])
    assert [int(16 * rate) for rate in rates] == list(range(16))


def test_wilcoxon_says_nothing_of_three_seeds() -> None:
    space = toy_task.space(design=Design("sweep", pruner="wilcoxon"))
    good = {seed: 0.9 + seed / 1_000 for seed in range(1, 5)}
    bad = {seed: 0.1 + seed / 500 for seed in range(1, 5)}
    assert list(search.beaten(space, {"a": good, "b": bad})) == ["b"]
    three = {point: {seed: values[seed] for seed in (1, 2, 3)} for point, values in (("a", good), ("b", bad))}
    assert search.beaten(space, three) == {}
    assert search.beaten(space, {}) == {}


@pytest.mark.parametrize(("sampler", "pruner"), [("tpe", "hyperband"), ("qmc", "none"), ("random", "median")])
def test_a_replayed_search_is_the_one_that_a_sweep_runs(sampler: Sampler, pruner: Pruner, tmp_path: Path) -> None:
    grid = trials_of.space(DEPTH, POOLING, NORM, kind="grid", seeds=(0,))
    results = Results(grid, {c.key: [m["val_acc"] for m in trials_of.curve(c)] for c in design.cells(grid)})
    spent, found = Spent(), False
    how = replace(grid, design=Design("sweep", 3, len(results.curves), sampler, pruner))
    with Ledger.own(tmp_path, how) as ledger:
        while not found and (claim := ledger.next()) and claim.phase == "search":
            spent.trials += 1
            whole = trials_of.succeed(claim.config)
            for epoch, metrics in enumerate(whole.curve, start=1):
                spent.epochs += 1
                if not ledger.epoch(claim.number, epoch, metrics) and epoch < len(whole.curve):
                    ledger.record(claim.number, replace(whole, state="pruned", curve=whole.curve[:epoch]))
                    break
            else:
                ledger.record(claim.number, whole)
                found = whole.metrics["val_acc"] >= results.goal
    assert ours(results, sampler, pruner, seed=3) == replace(spent, found=found)
