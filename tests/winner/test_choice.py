"""The best point, and the seed whose model represents it."""

from pathlib import Path

import pytest

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.design import Confirm, Design
from study.space.objective import Objective
from study.winner.choice import choose, median_cell, unfinished
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import curve, fail, space
from tests.winner.finished_study import TABLE, finished, reaching


def test_the_highest_mean_over_complete_seeds_wins_and_its_median_stands_for_it(tmp_path: Path) -> None:
    best = choose(finished(tmp_path))
    assert (best.cell.point, best.values, best.points) == ("depth=5", {0: 0.95}, 3)
    few = {key: value for key, value in TABLE.items() if key[0] != 5}
    run(tmp_path / "few", space(DEPTH, seeds=(0, 1, 2, 3), max_retries=0), reaching(few))
    best = choose(Ledger.read(tmp_path / "few", "played"))
    assert best.mean == pytest.approx(0.675)
    assert best.name == "depth=1, seed 3"


def test_the_lowest_mean_wins_where_it_is_minimized(tmp_path: Path) -> None:
    best = choose(finished(tmp_path, objectives=(Objective("val_acc", "minimize"),)))
    assert best.name == "baseline, seed 1"


def test_no_complete_cell_is_no_winner(tmp_path: Path) -> None:
    run(tmp_path, space(max_retries=0), fail)
    with pytest.raises(StudyError, match="no best point yet: none of its cells is complete"):
        choose(Ledger.read(tmp_path, "played"))


def test_in_a_sweep_only_confirmed_points_are_compared(tmp_path: Path) -> None:
    how = Design("sweep", trials=8, confirm=Confirm(top=2, seeds=3))
    run(tmp_path, wide := space(DEPTH, POOLING, design=how, seeds=(0,)))
    best = choose(Ledger.read(tmp_path, "played"))
    assert (best.points, len(best.values), best.cell.phase) == (3, 3, "confirm")
    confirmed = [cell for cell in Ledger.read(tmp_path, wide.name).cells() if cell.phase == "confirm"]
    means: dict[str, float] = {}
    for cell in confirmed:
        means[cell.point] = means.get(cell.point, 0) + curve(cell.config)[-1]["val_acc"] / 3
    assert best.cell.point == max(means, key=lambda point: means[point])
    assert median_cell(Ledger.read(tmp_path, "played"), best.cell.point) == best.cell


def test_the_median_seed_stands_for_any_point(tmp_path: Path) -> None:
    ledger = finished(tmp_path)
    assert median_cell(ledger, "depth=1").config.seed == 3
    best = choose(ledger).cell
    assert median_cell(ledger, best.point) == best
    with pytest.raises(StudyError, match="has no point 'dept=1'; it has baseline, depth=1, depth=5"):
        median_cell(ledger, "dept=1")
    run(tmp_path / "none", space(DEPTH, max_retries=0), fail)
    with pytest.raises(StudyError, match="no cell of depth=1 is complete"):
        median_cell(Ledger.read(tmp_path / "none", "played"), "depth=1")


def test_of_points_that_are_equally_good_the_first_wins(tmp_path: Path) -> None:
    equal: dict[tuple[object, int], float] = {(depth, 0): 0.5 for depth in (1, 3, 5)}
    run(tmp_path, space(DEPTH, seeds=(0,)), reaching(equal))
    assert choose(Ledger.read(tmp_path, "played")).cell.point == "baseline"


def test_missing_and_running_cells_are_unfinished(tmp_path: Path) -> None:
    run(tmp_path, space(), most=2)
    assert unfinished(Ledger.read(tmp_path, "played")) == 4
    run(tmp_path, space())
    assert unfinished(Ledger.read(tmp_path, "played")) == 0
