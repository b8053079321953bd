"""Each check looks at its parts alone, and yields a problem with its key for each broken rule."""

from collections.abc import Iterable

from study.errors import Problem
from study.space import validity
from study.space.design import Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.task import Level
from tests.toy_task import DEPTH, NORM, POOLING

RATE = Factor("rate", Range(0.1, 1.0))
ONE = (Objective("val_acc", "maximize"),)
BOTH = (*ONE, Objective("flops", "minimize"))


def keys(problems: Iterable[Problem]) -> list[str]:
    return [problem.key for problem in problems]


def test_a_study_has_factors_and_a_dose_has_one() -> None:
    assert list(validity.factor_count((), None)) == [
        Problem("factors", "is empty; a study varies at least one factor"),
    ]
    assert keys(validity.factor_count((DEPTH, NORM), "dose")) == ["factors"]
    assert keys(validity.factor_count((DEPTH, NORM), None)) == keys(validity.factor_count((DEPTH,), "dose")) == []


def test_a_factor_holds_the_baselines_level() -> None:
    assert keys(validity.factor_at_baseline(NORM, {"norm": False}, task="toy")) == []
    assert keys(validity.factor_at_baseline(NORM, {"norm": 0}, task="toy")) == ["factors.norm"]
    assert keys(validity.factor_at_baseline(NORM, {}, task="toy")) == ["factors.norm"]


def test_only_a_sweep_takes_a_range() -> None:
    assert keys(validity.factor_in_design(RATE, (RATE,), "sweep")) == []
    assert keys(validity.factor_in_design(RATE, (RATE,), None)) == []
    assert keys(validity.factor_in_design(RATE, (RATE,), "grid")) == ["factors.rate"]


def test_a_condition_names_levels_of_a_factor_that_always_exists() -> None:
    levels: dict[str, Level] = {"norm": False, "pooling": "max", "depth": 3}
    on = Factor("depth", (1, 3), when={"norm": (False,)})
    assert keys(validity.condition(on, (on, NORM), levels=levels, kind="ablation")) == []
    assert keys(validity.condition(on, (on, NORM), levels={**levels, "norm": True}, kind="grid")) == []
    off = validity.condition(on, (on, NORM), levels={**levels, "norm": True}, kind="ablation")
    assert keys(off) == ["factors.depth.when.norm"]
    assert keys(validity.condition(on, (on, POOLING), levels=levels, kind=None)) == ["factors.depth.when.norm"]
    zero = Factor("depth", (1, 3), when={"norm": (0,)})
    assert keys(validity.condition(zero, (zero, NORM), levels=levels, kind=None)) == ["factors.depth.when.norm"]


def test_a_sampler_suits_objectives_and_factors() -> None:
    following, weighing = Design("sweep", sampler="cmaes"), Design("sweep", sampler="nsga2")
    assert keys(validity.search(following, ONE, (RATE,))) == keys(validity.search(weighing, BOTH, (DEPTH,))) == []
    assert keys(validity.search(following, ONE, (DEPTH,))) == ["design.sampler"]
    assert keys(validity.search(following, BOTH, (RATE,))) == ["design.sampler"]
    assert keys(validity.search(weighing, ONE, (RATE,))) == ["design.sampler"]


def test_a_test_needs_two_seeds() -> None:
    assert keys(validity.comparison("welch", None, replicates=1, kind="grid")) == []
    assert keys(validity.comparison("paired", 0.1, replicates=1, kind="grid")) == ["paired", "margin"]
    assert keys(validity.comparison("paired", 0.1, replicates=2, kind="grid")) == []
    assert keys(validity.comparison("welch", 0.0, replicates=2, kind="grid")) == ["margin"]


def test_a_nuisance_is_a_factor_and_seeds_differ() -> None:
    assert keys(validity.nuisance(("norm", "rate"), (NORM,))) == ["nuisance"]
    assert keys(validity.seeds((0, 1))) == []
    assert keys(validity.seeds((0, 0))) == keys(validity.seeds(())) == ["seeds"]
