"""The search of a sweep suggests distinct points, whatever is killed, and ends bad trials early."""

import itertools
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.constraint import Constraint
from study.space.design import Confirm, Pruner, Sampler
from study.space.factor import Factor, Range
from study.space.points import count_cells, count_points
from study.space.trial import TrialResult
from study.task import Fidelity
from tests.ledger.launches import (
    BOTH,
    RATE,
    KilledError,
    climbing,
    keys,
    killed,
    named,
    run,
    sized,
    split,
    states,
    stored,
    sweep,
    work,
)
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import fail, space, succeed


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_sweep_tries_so_many_distinct_points_and_the_baseline_first(tmp_path: Path, sampler: Sampler) -> None:
    trials = run(tmp_path, wide := sweep(POOLING, RATE, trials=15, sampler=sampler))
    search, confirm = split(trials)
    assert trials == search + confirm
    assert len(set(keys(search))) == len(search) == 15
    assert named(search)[0] == "baseline 0"
    assert {trial.config.seed for trial in search} == {0}
    assert states(tmp_path) == {"complete": count_cells(wide)} == {"complete": 15 + 9}
    assert run(tmp_path, wide) == []


def test_a_small_space_is_searched_whole_and_then_confirmed(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, small := sweep(DEPTH, POOLING, NORM, trials=100, sampler="random")))
    assert len(set(keys(search))) == len(search) == 18
    assert len(confirm) == 9
    assert states(tmp_path) == {"complete": 27} == {"complete": count_cells(small)}
    assert run(tmp_path, small) == []
    said = {trial.user_attrs.get("drawn") for trial in stored(tmp_path).trials}
    assert said >= {None, "draw 2 of the sampler, which repeated itself"}
    assert "drawn at random because the sampler repeated itself" in said
    levels = sweep(DEPTH, POOLING, NORM, Factor("width", (8, 16)), trials=20, sampler="random")
    again = run(tmp_path, levels)
    assert len(split(again)[0]) == 2
    assert {trial.config.settings["width"] for trial in split(again)[0]} == {8}


def test_a_point_that_the_task_refuses_is_never_suggested(tmp_path: Path) -> None:
    deep = sweep(Factor("depth", (3, 7)), POOLING, trials=50, confirm=Confirm(1, 1))
    search, _ = split(run(tmp_path, deep))
    assert len(search) == 5
    assert "depth=7 pooling=flat" not in {trial.point for trial in search}
    assert states(tmp_path) == {"complete": 7}


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "cmaes", "nsga2"])
def test_suggestions_do_not_depend_on_restarts_and_kills(tmp_path: Path, sampler: Sampler) -> None:
    objectives = BOTH if sampler == "nsga2" else BOTH[:1]
    factors = (POOLING, RATE, Factor("width", Range(8, 64)))
    wide = sweep(*factors, trials=24, sampler=sampler, confirm=Confirm(1, 1), objectives=objectives)
    whole = run(tmp_path / "whole", wide)
    pieces: list[Trial] = []
    for number in range(len(whole)):
        if number % 3 == 1:
            killed(tmp_path / "pieces", wide, after=0)
        pieces += run(tmp_path / "pieces", wide, most=1)
    assert keys(pieces) == keys(whole)
    other = replace(wide, design=replace(wide.design, seed=1), name="other")
    assert keys(run(tmp_path / "whole", other, most=4))[1:] != keys(whole)[1:4]


def test_parallel_suggestions_are_distinct(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, sweep(DEPTH, POOLING, trials=9)) as ledger:
        trials = [trial for _ in range(9) if (trial := ledger.next())]
        assert ledger.next() is None
        assert len(set(keys(trials))) == 9
        assert ledger.counts() == {"running": 9, "missing": 9}
        for trial in trials:
            ledger.record(trial.number, succeed(trial.config))
        assert ledger.counts() == {"complete": 9, "missing": 9}
        assert len(work(ledger)) == 9


def test_a_sweep_whose_trials_fail_ends(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, sweep(DEPTH, POOLING, trials=5, max_retries=1), fail))
    assert len(search) == 10
    assert Counter(trial.point for trial in confirm) == {"baseline": 6}
    assert states(tmp_path) == {"failed": 8}


def test_a_sweep_goes_on_where_its_search_was_killed(tmp_path: Path) -> None:
    wide = sweep(POOLING, RATE, trials=8)
    done = killed(tmp_path, wide, after=4, during=2)
    assert states(tmp_path) == {"complete": 4, "missing": 13}
    again = run(tmp_path, wide)
    assert len(again) == 13
    assert not set(keys(done)) & set(keys(again))


def test_a_sweep_may_get_more_trials_levels_and_factors(tmp_path: Path) -> None:
    run(tmp_path, sweep(Factor("depth", (1, 3)), RATE, trials=6))
    wider = Factor("rate", Range(0.0001, 1.0, log=True))
    search, _ = split(run(tmp_path, more := sweep(DEPTH, wider, POOLING, trials=20)))
    assert len(search) == 14
    assert {trial.config.settings["pooling"] for trial in search} == {"max", "mean", "flat"}
    assert states(tmp_path) == {"complete": count_cells(more)}
    narrow = sweep(Factor("depth", (3, 5)), Factor("rate", (0.1, 0.2)), trials=22)
    assert len(split(run(tmp_path, narrow))[0]) == 2


def pruned_at(ledger: Ledger, trial: Trial) -> int | None:
    for epoch, metrics in enumerate(climbing(trial.config).curve, start=1):
        if not ledger.epoch(trial.number, epoch, metrics):
            seen = climbing(trial.config).curve[:epoch]
            ledger.record(trial.number, TrialResult("pruned", seen, reason="ended by the pruner"))
            return epoch
    ledger.record(trial.number, climbing(trial.config))
    return None


@pytest.mark.parametrize("pruner", ["none", "median"])
def test_the_median_pruner_prunes_in_the_search_and_nowhere_else(tmp_path: Path, pruner: Pruner) -> None:
    ended: dict[str, list[int | None]] = {"search": [], "confirm": []}
    bad: list[int | None] = []
    with Ledger.own(tmp_path, sweep(DEPTH, RATE, trials=25, pruner=pruner, sampler="random")) as ledger:
        while trial := ledger.next():
            epoch = pruned_at(ledger, trial)
            ended[trial.phase].append(epoch)
            if trial.phase == "search" and trial.config.settings["depth"] == 5:
                bad.append(epoch)
        counts = +ledger.counts()
    assert bad[-1] == (1 if pruner == "median" else None)
    assert set(ended["confirm"]) == {None}
    assert counts == +Counter({"pruned": 25 - ended["search"].count(None), "complete": ended["search"].count(None) + 9})
    assert run(tmp_path, sweep(DEPTH, RATE, trials=25, pruner=pruner, sampler="random")) == []


def test_no_pruning_in_an_enumerated_design(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(seeds=tuple(range(9)))) as ledger:
        while trial := ledger.next():
            assert pruned_at(ledger, trial) is None


@pytest.mark.parametrize("pruner", ["hyperband", "successive_halving", "patient"])
def test_what_is_pruned_does_not_depend_on_restarts_and_kills(tmp_path: Path, pruner: Pruner) -> None:
    wide = sweep(DEPTH, RATE, trials=16, pruner=pruner, sampler="random", fidelity=Fidelity(9, 100, 10))
    with Ledger.own(tmp_path / "whole", wide) as ledger:
        whole = {trial.config.key: run_until_pruned(ledger, trial) for trial in iter(ledger.next, None)}
    pieces: dict[str, int] = {}
    for number in itertools.count():
        with suppress(KilledError), Ledger.own(tmp_path / "pieces", wide) as ledger:
            if number % 2 and (trial := ledger.next()):  # The kill after these epochs loses them.
                for epoch in (1, 2, 3):
                    ledger.epoch(trial.number, epoch, {"val_acc": 0.9})
                raise KilledError
            for trial in itertools.islice(iter(ledger.next, None), 3):
                pieces[trial.config.key] = run_until_pruned(ledger, trial)
            if +ledger.counts() == +Ledger.read(tmp_path / "whole", "played").counts():
                break
            raise KilledError
    assert pieces == whole
    assert len(set(whole.values())) > 1


def run_until_pruned(ledger: Ledger, trial: Trial) -> int:
    """Run a trial until it is pruned or complete. Returns the number of its epochs."""
    height, noise = int(trial.config.key[:8], 16) / 2**32, int(trial.config.key[8:16], 16) / 2**32
    metrics: list[dict[str, float]] = []
    for epoch in range(1, trial.config.fidelity.epochs + 1):
        metrics.append({"val_acc": height + noise / epoch})
        if not ledger.epoch(trial.number, epoch, metrics[-1]):
            break
    state: Any = "complete" if len(metrics) == trial.config.fidelity.epochs else "pruned"
    ledger.record(trial.number, TrialResult(state, tuple(metrics)))
    return len(metrics)


def test_a_sampler_is_told_of_what_was_refused(tmp_path: Path) -> None:
    width = Factor("width", Range(1, 60))
    beyond = {}
    for name, constraints in {"free": (), "bound": (Constraint("parameters", "<=", 20_000),)}.items():
        wide = sweep(width, RATE, trials=40, name=name, constraints=constraints, confirm=Confirm(1, 1))
        widths = [int(trial.config.settings["width"]) for trial in run(tmp_path, wide, sized)[10:40]]
        beyond[name] = sum(width > 20 for width in widths)
    assert beyond["bound"] < 0.7 * beyond["free"]


def test_a_factor_that_does_not_exist_at_a_point_stays_at_the_baseline(tmp_path: Path) -> None:
    width = Factor("width", (8, 16, 32), when={"pooling": ("mean", "flat")})
    wide = sweep(POOLING, width, trials=50, confirm=Confirm(1, 1))
    search, _ = split(run(tmp_path, wide))
    assert len(search) == len(set(keys(search))) == 1 + 2 * 3 == count_points(wide)
    assert not [trial for trial in search if "pooling" not in trial.point and "width" in trial.point]
    params = [set(trial.params) for trial in stored(tmp_path).trials]
    assert {"pooling"} in params
    assert {"pooling", "width"} in params
    # A point that is not in today's file is not shown to the sampler, and keeps its levels.
    other = replace(wide, factors=(POOLING, replace(width, when={"pooling": ("max",)})))
    assert len(split(run(tmp_path, other))[0]) == 2
