"""What may vary: values that cannot be wrong."""

import dataclasses
import json
import math
from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space.constraint import Constraint
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.pareto_front import front
from study.space.search_space import SearchSpace
from study.task import Fidelity, Level
from tests import toy_task
from tests.toy_task import DEPTH, NORM, POOLING

RATE = Factor("rate", Range(0.001, 1.0, log=True))


def refused(*factors: Factor, **changes: Any) -> tuple[str, ...]:
    with pytest.raises(SearchSpaceError) as caught:
        toy_task.space(*factors, **changes)
    return caught.value.problems


@pytest.mark.parametrize(
    ("low", "high", "log", "step", "message"),
    [
        (2, 2, False, None, "low must be below high, not 2 and 2"),
        (3, 1, False, None, "low must be below high, not 3 and 1"),
        (0, 1, True, None, "a logarithmic range must begin above 0, not at 0"),
        (-1.0, 1.0, True, None, "a logarithmic range must begin above 0, not at -1.0"),
        (1, 100, True, 3, "a logarithmic range takes no step, not 3"),
        (1, 4, False, 1.5, "step must be whole where low and high are, not 1.5"),
        (1, 4, False, math.inf, "step must be whole where low and high are, not inf"),
        (0.0, 1.0, False, 1e-320, "high - low must be a number of whole steps: 1e-320 does not divide 1"),
        (1, 10, False, 2, "high - low must be a number of whole steps: 2 does not divide 9"),
        (0.0, 1.0, False, 0.3, "high - low must be a number of whole steps: 0.3 does not divide 1"),
        (0.0, 1.0, False, 2.0, "high - low must be a number of whole steps: 2.0 does not divide 1"),
        (0.0, 1.0, False, -0.5, "high - low must be a number of whole steps: -0.5 does not divide 1"),
        (0.0, 1.0, False, 0.0, "high - low must be a number of whole steps: 0.0 does not divide 1"),
    ],
)
def test_a_range_that_makes_no_sense_cannot_be(low: float, high: float, log: bool, step: Any, message: str) -> None:
    with pytest.raises(SearchSpaceError) as caught:
        Range(low, high, log, step)
    assert caught.value.problems == (message,)


@pytest.mark.parametrize(
    ("numbers", "inside", "outside"),
    [
        (Range(1, 9), [1, 5, 9, 5.0], [0, 10, 2.5, True, "5"]),
        (Range(1, 9, step=4), [1, 5, 9], [2, 4, 13]),
        (Range(0.1, 0.7, step=0.1), [0.1, 0.3, 0.1 + 0.2, 0.7], [0.15, 0.8, 0.0]),
        (Range(0.5, 2), [0.5, 1, 1.234, 2], [0.4, 2.1, True]),
        (Range(1, 1000, log=True), [1, 10, 999], [0, 2.5]),
    ],
)
def test_a_range_holds_what_can_be_drawn_from_it(numbers: Range, inside: list[Level], outside: list[Level]) -> None:
    assert all(level in numbers for level in inside)
    assert not any(level in numbers for level in outside)


@pytest.mark.parametrize(
    ("numbers", "size", "last"),
    [
        (Range(1, 9), 9, 9),
        (Range(1, 9, step=2.0), 5, 9),
        (Range(0.1, 0.7, step=0.1), 7, 0.7),
        (Range(0, 2**62), 2**62 + 1, 2**62),
    ],
)
def test_a_range_of_steps_can_be_counted(numbers: Range, size: int, last: float) -> None:
    assert numbers.size == size
    assert numbers.at(0) == numbers.low
    assert numbers.at(size - 1) == last
    assert isinstance(numbers.at(1), int) is numbers.whole


def test_a_range_without_steps_cannot_be_counted() -> None:
    assert Range(0.1, 1).size is None
    assert RATE.size is None


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ((), "needs at least two levels, the baseline's among them, not []"),
        ((3,), "needs at least two levels, the baseline's among them, not [3]"),
        ((1, 2, 1.0), "repeats the level 1"),
        ((True, False, True), "repeats the level true"),
        (("a", "b", "a"), "repeats the level a"),
        ((1_000_000, 1e6), "repeats the level 1e+06"),
        ((0.1, 0.1000001), "has two levels that would be named 0.1; numbers are written in six digits"),
        (("1", 1), "has two levels that would be named 1; numbers are written in six digits"),
    ],
)
def test_a_factor_has_two_levels_or_more_and_each_once(levels: tuple[Level, ...], message: str) -> None:
    with pytest.raises(SearchSpaceError) as caught:
        Factor("depth", levels)
    assert caught.value.problems == (message,)


def test_true_and_one_are_two_levels() -> None:
    factor = Factor("mixed", (True, 1, 0, False))
    assert factor.size == 4
    assert factor.holds(1.0)
    assert not Factor("mixed", (True, False)).holds(1)
    assert RATE.holds(0.01)
    assert not RATE.holds(2.0)


def test_a_factor_of_many_levels_is_made_at_once() -> None:
    assert Factor("depth", tuple(range(200_000))).size == 200_000


@pytest.mark.parametrize(("metric", "direction"), [("", "maximize"), ("val_acc", "up"), ("val_acc", "")])
def test_an_objective_is_a_metric_and_a_direction(metric: str, direction: Any) -> None:
    with pytest.raises(SearchSpaceError, match="must be a metric and a direction"):
        Objective(metric, direction)


def test_an_objectives_sign_says_which_way_is_better() -> None:
    assert Objective("val_acc", "maximize").sign == 1
    assert Objective("val_loss", "minimize").sign == -1


def test_a_study_varies_something() -> None:
    assert refused(factors=()) == ("factors: is empty; a study varies at least one factor",)


def test_levels_contain_the_baselines() -> None:
    assert refused(Factor("depth", (1, 5))) == (
        "factors.depth: must contain the baseline's level, 3: add it here, or change the baseline",
    )
    assert refused(Factor("norm", (False, 1)))[0].startswith("factors.norm: must contain the baseline's level, true")
    assert refused(Factor("rate", Range(0.5, 1.0)), kind="sweep")[0].startswith("factors.rate: must contain")
    stepped = Factor("depth", Range(2, 8, step=2))
    assert refused(stepped, kind="sweep")[0].startswith("factors.depth: must contain the baseline's level, 3")


def test_a_factor_is_a_setting_of_the_task_and_given_once() -> None:
    assert refused(Factor("dept", (1, 3))) == ("factors.dept: no such factor in task 'toy'",)
    assert refused(DEPTH, DEPTH) == ("factors.depth: is given twice",) * 2


@pytest.mark.parametrize("kind", ["ablation", "dose", "grid"])
def test_a_range_is_for_sweeps(kind: Any) -> None:
    message = f"factors.rate: a range is for sweeps only; kind = {kind!r} takes a list of levels"
    assert refused(RATE, kind=kind) == (message,)
    assert toy_task.space(RATE, kind="sweep").factors == (RATE,)


def test_a_dose_has_one_factor() -> None:
    assert refused(DEPTH, NORM, kind="dose") == ("factors: a dose varies exactly one factor, not 2: depth, norm",)
    assert toy_task.space(DEPTH, kind="dose").factors == (DEPTH,)


def test_a_nuisance_is_a_factor() -> None:
    assert refused(DEPTH, NORM, nuisance=("norm", "rate")) == (
        "nuisance: 'rate' is not among the factors: depth, norm",
    )
    assert toy_task.space(DEPTH, NORM, nuisance=("norm",)).nuisance == ("norm",)


@pytest.mark.parametrize("seeds", [(), (1, 2, 1)])
def test_seeds_differ(seeds: tuple[int, ...]) -> None:
    assert refused(seeds=seeds) == (f"seeds: must be one or more different seeds, not {list(seeds)}",)


def test_every_problem_is_found_at_once() -> None:
    found = refused(Factor("depth", (1, 5)), RATE, kind="dose", nuisance=("norm",), seeds=())
    assert [problem.partition(":")[0] for problem in found] == [
        "factors.depth",
        "factors.rate",
        "factors",
        "nuisance",
        "seeds",
    ]


def test_a_trial_is_the_baseline_but_for_its_changes() -> None:
    space = toy_task.space(DEPTH, vary=("data",))
    trial = space.config({"depth": 5}, seed=7)
    assert trial.settings == {**space.baseline, "depth": 5}
    assert (trial.task, trial.task_version, trial.seed, trial.vary) == ("toy", 1, 7, ("data",))
    assert trial.fidelity == space.fidelity
    assert trial.reference == "tests.toy_task:task"


def test_the_number_of_examples_is_fidelity_even_as_a_factor() -> None:
    space = toy_task.space(Factor("train_examples", (100, 1_000)))
    trial = space.config({"train_examples": 100}, seed=0)
    assert trial.fidelity == Fidelity(10, 100, 100)
    assert "train_examples" not in trial.settings
    assert trial.delta(space.config({}, seed=0)) == "train_examples=100"
    assert refused(Factor("train_examples", (100, 200)))[0].endswith(
        "must contain the baseline's level, 1000: add it here, or change the baseline"
    )


def test_what_the_study_is_for_is_no_part_of_a_trials_key() -> None:
    one = toy_task.space(DEPTH)
    other = toy_task.space(
        DEPTH,
        NORM,
        name="other",
        design=Design("sweep", 3, 40, "random", "median", Confirm(1, 2)),
        objectives=(Objective("val_loss", "minimize"),),
        seeds=(0,),
        description="another",
        nuisance=("norm",),
        comparison="paired",
        margin=0.1,
        trial_timeout=9.0,
        max_retries=0,
        reference="elsewhere:task",
    )
    assert one.config({"depth": 5}, seed=2).key == other.config({"depth": 5}, seed=2).key


@pytest.mark.parametrize(
    "space",
    [
        toy_task.space(DEPTH, POOLING, NORM, nuisance=("norm",), margin=0.5, vary=("weights",), seeds=(3, 1)),
        toy_task.space(RATE, Factor("depth", Range(1, 9, step=2)), design=Design("sweep", 1, 40, "random", "median")),
        toy_task.space(Factor("mask", ("library", 0, 1), ("library", 0, 1)), kind="grid", trial_timeout=1.5),
    ],
)
def test_a_search_space_survives_json(space: SearchSpace) -> None:
    again = SearchSpace.from_json(json.loads(json.dumps(space.to_json(), allow_nan=False)))
    assert again == space
    assert again.config({}, seed=0).key == space.config({}, seed=0).key


def test_a_search_space_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        toy_task.space().name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([], []),
        ([(1.0, 5.0)], [0]),
        ([(1.0, 5.0), (2.0, 5.0), (2.0, 4.0), (3.0, 9.0)], [2, 3]),
        ([(1.0, 5.0), (1.0, 5.0)], [0, 1]),
    ],
)
def test_the_front_is_what_nothing_beats_in_both(values: list[tuple[float, float]], places: list[int]) -> None:
    assert front(values, (Objective("val_acc", "maximize"), Objective("flops", "minimize"))) == places


@pytest.mark.parametrize("relation", ["<=", "<", ">=", ">"])
def test_what_breaks_a_constraint_is_beyond_it(relation: str) -> None:
    bound = Constraint("parameters", relation, 100)
    for number in (99, 100, 101):
        assert bound.holds(number) == (bound.excess(number) <= 0)


FLOPS = Objective("flops", "minimize")
BOTH = (Objective("val_acc", "maximize"), FLOPS)


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        ({}, {"second": None, "paired": False, "equal_variances": False}),
        ({"comparison": "paired"}, {"second": None, "paired": True, "equal_variances": False}),
        ({"comparison": "equal_variances"}, {"second": None, "paired": False, "equal_variances": True}),
        (
            {"objectives": BOTH, "design": Design("sweep", trials=4), "seeds": (0,)},
            {"second": {"metric": "flops", "direction": "minimize"}, "paired": False, "equal_variances": False},
        ),
    ],
)
def test_a_store_keeps_the_keys_of_the_first_version(changes: Any, stored: dict[str, Any]) -> None:
    space = toy_task.space(DEPTH, **changes)
    record = json.loads(json.dumps(space.to_json()))
    assert record["objective"] == {"metric": "val_acc", "direction": "maximize"}
    assert {key: record[key] for key in stored} == stored
    assert list(record)[8:] == [
        *("objective", "fidelity", "seeds", "description", "vary", "nuisance", "training", "paired", "equal_variances"),
        *("margin", "trial_timeout", "max_retries", "constraints", "second", "keep"),
    ]
    assert SearchSpace.from_json(record) == space


def test_the_oldest_stores_lack_what_was_added_since() -> None:
    space = toy_task.space(DEPTH)
    record = json.loads(json.dumps(space.to_json()))
    for key in ("second", "constraints", "keep", "training", "equal_variances"):
        del record[key]
    del record["factors"][0]["when"]
    assert SearchSpace.from_json(record) == space


def test_two_objectives_are_for_a_sweep_without_a_pruner() -> None:
    assert toy_task.space(DEPTH, objectives=BOTH, kind="sweep").objective == BOTH[0]
    assert refused(objectives=BOTH) == ("objective: two are for sweeps only; kind = 'ablation' takes one [objective]",)
    assert refused(objectives=(FLOPS, BOTH[0]), kind="sweep")[0].startswith("objective: the first must be a metric of ")
    pruned = Design("sweep", trials=4, pruner="median")
    assert refused(objectives=BOTH, design=pruned) == (
        "design.pruner: 'median' judges by one objective, not by two; take 'none'",
    )
    assert refused(objectives=(*BOTH, FLOPS)) == ("objective: must be one or two, not 3",)
    assert refused(objectives=()) == ("objective: must be one or two, not 0",)
