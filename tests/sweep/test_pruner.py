"""Which trials of a sweep end early."""

from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from study.ledger.ledger import Ledger
from study.space.design import Design, Pruner, Sampler
from study.space.points import listed_cells
from study.sweep.pruner import make_pruner, worse_than_best
from tests import toy_task, trial_functions
from tests.benchmarks.replays import Results, Spent, ours
from tests.sweep.test_sampler import sweep
from tests.toy_task import DEPTH, NORM, POOLING

optuna.logging.set_verbosity(optuna.logging.WARNING)


def test_pruners_are_the_ones_declared() -> None:
    median = toy_task.space(DEPTH, design=Design("sweep", pruner="median"))
    assert isinstance(make_pruner(median), optuna.pruners.MedianPruner)
    assert isinstance(make_pruner(sweep(DEPTH)), optuna.pruners.NopPruner)
    assert isinstance(make_pruner(toy_task.space(DEPTH)), optuna.pruners.NopPruner)
    pruners: dict[Pruner, str] = {
        "hyperband": "HyperbandPruner",
        "successive_halving": "SuccessiveHalvingPruner",
        "patient": "PatientPruner",
        "wilcoxon": "NopPruner",  # It judges by seeds, and a search has one.
    }
    for pruner, kind in pruners.items():
        assert type(make_pruner(toy_task.space(design=Design("sweep", pruner=pruner)))).__name__ == kind


def test_wilcoxon_says_nothing_of_three_seeds() -> None:
    space = toy_task.space(design=Design("sweep", pruner="wilcoxon"))
    good = {seed: 0.9 + seed / 1_000 for seed in range(1, 5)}
    bad = {seed: 0.1 + seed / 500 for seed in range(1, 5)}
    assert list(worse_than_best(space, {"a": good, "b": bad})) == ["b"]
    three = {point: {seed: values[seed] for seed in (1, 2, 3)} for point, values in (("a", good), ("b", bad))}
    assert worse_than_best(space, three) == {}
    assert worse_than_best(space, {}) == {}


@pytest.mark.parametrize(("sampler", "pruner"), [("tpe", "hyperband"), ("qmc", "none"), ("random", "median")])
def test_a_replayed_search_is_the_one_that_a_sweep_runs(sampler: Sampler, pruner: Pruner, tmp_path: Path) -> None:
    grid = trial_functions.space(DEPTH, POOLING, NORM, kind="grid", seeds=(0,))
    results = Results(grid, {c.key: [m["val_acc"] for m in trial_functions.curve(c)] for c in listed_cells(grid)})
    spent, found = Spent(), False
    how = replace(grid, design=Design("sweep", 3, len(results.curves), sampler, pruner))
    with Ledger.own(tmp_path, how) as ledger:
        while not found and (claim := ledger.next()) and claim.phase == "search":
            spent.trials += 1
            whole = trial_functions.succeed(claim.config)
            for epoch, metrics in enumerate(whole.curve, start=1):
                spent.epochs += 1
                if not ledger.epoch(claim.number, epoch, metrics) and epoch < len(whole.curve):
                    ledger.record(claim.number, replace(whole, state="pruned", curve=whole.curve[:epoch]))
                    break
            else:
                ledger.record(claim.number, whole)
                found = whole.metrics["val_acc"] >= results.goal
    assert ours(results, sampler, pruner, seed=3) == replace(spent, found=found)
