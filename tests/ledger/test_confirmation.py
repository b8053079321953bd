"""The confirmation of a sweep runs the best points on fresh seeds, and skips seeds of worse points."""

from collections import Counter
from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.space.design import Confirm
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.points import count_cells
from tests.ledger.launches import BOTH, by_seed, keys, killed, run, sized, split, stored, sweep, work
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import curve


def test_the_best_points_and_the_baseline_are_confirmed_on_fresh_seeds(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, sweep(DEPTH, POOLING, trials=8)))
    best = sorted(search[1:], key=lambda trial: curve(trial.config)[-1]["val_acc"], reverse=True)[:2]
    assert Counter(trial.point for trial in confirm) == {"baseline": 3} | {trial.point: 3 for trial in best}
    assert Counter(trial.config.seed for trial in confirm) == {1: 3, 2: 3, 3: 3}
    assert len({*keys(search), *keys(confirm)}) == 8 + 9


def test_the_lowest_is_best_where_it_is_minimized(tmp_path: Path) -> None:
    low = sweep(DEPTH, POOLING, trials=8, confirm=Confirm(1, 1), objectives=(Objective("val_acc", "minimize"),))
    search, confirm = split(run(tmp_path, low))
    best = min(search[1:], key=lambda trial: curve(trial.config)[-1]["val_acc"])
    assert [trial.point for trial in confirm] == ["baseline", best.point]


@pytest.mark.parametrize("during", [0, 3])
def test_wilcoxon_spares_seeds_of_what_is_worse_and_says_so(tmp_path: Path, during: int) -> None:
    wide = sweep(Factor("depth", tuple(range(1, 7))), trials=6, pruner="wilcoxon", confirm=Confirm(3, 7))
    if during:
        killed(tmp_path, wide, after=10, during=during, outcome=by_seed)
    run(tmp_path, wide, by_seed)
    ledger = Ledger.read(tmp_path, "played")
    spared = {(cell.point, cell.config.seed): cell for cell in ledger.cells() if cell.state == "pruned"}
    assert list(spared) == [(point, seed) for seed in (5, 6, 7) for point in ("depth=2", "depth=4")]
    reasons = {cell.result.reason for cell in spared.values() if cell.result}
    assert reasons == {"worse than depth=1 on 4 seeds (Wilcoxon, p < 0.1)"}
    assert +ledger.counts() == {"complete": count_cells(wide) - 6, "pruned": 6}
    assert run(tmp_path, wide, by_seed) == []


def test_wilcoxon_s_cells_are_claimed_seed_by_seed(tmp_path: Path) -> None:
    wide = sweep(Factor("depth", tuple(range(1, 7))), trials=6, pruner="wilcoxon", confirm=Confirm(3, 5))
    with Ledger.own(tmp_path, wide) as ledger:
        work(ledger, by_seed, most=6)
        trials = [trial for _ in range(4) if (trial := ledger.next())]
        assert [trial.config.seed for trial in trials] == [1] * 4
        assert ledger.next() is None
        for trial in trials:
            ledger.record(trial.number, by_seed(trial.config))
        trial = ledger.next()
        assert trial and trial.config.seed == 2


def test_two_objectives_are_told_and_their_front_is_confirmed(tmp_path: Path) -> None:
    wide = sweep(Factor("width", Range(8, 40)), trials=20, objectives=BOTH, sampler="nsga2", confirm=Confirm(3, 2))
    search, confirm = split(run(tmp_path, wide, sized))
    widths = sorted({int(trial.config.settings["width"]) for trial in search})
    # Widths beyond the first that reaches the best objective cost more and gain nothing.
    best = [width for width in widths if width <= min(w for w in widths if w >= 24)][-3:]
    assert {int(trial.config.settings["width"]) for trial in confirm} == {16, *best}
    assert stored(tmp_path).trials[0].values == [0.16, 160.0]
    assert [d.name for d in stored(tmp_path).directions] == ["MAXIMIZE", "MINIMIZE"]
