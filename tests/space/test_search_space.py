"""What may vary: values that cannot be wrong."""

import dataclasses
import json
from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.task import Fidelity
from tests import toy_task
from tests.toy_task import DEPTH, NORM, POOLING

RATE = Factor("rate", Range(0.001, 1.0, log=True))


def refused(*factors: Factor, **changes: Any) -> tuple[str, ...]:
    with pytest.raises(SearchSpaceError) as caught:
        toy_task.space(*factors, **changes)
    return caught.value.problems


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
        "design.pruner: 'median' can judge by one objective only, not by two; take 'none'",
    )
    assert refused(objectives=(*BOTH, FLOPS)) == ("objective: must be one or two, not 3",)
    assert refused(objectives=()) == ("objective: must be one or two, not 0",)
