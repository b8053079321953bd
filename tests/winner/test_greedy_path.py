"""A path goes from the baseline to the best point by the change that gains most at each step."""

import os
import random
from itertools import product
from pathlib import Path

import pytest

from study.errors import StudyError
from study.space.points import Point
from study.space.trial import label
from study.task import Level
from study.winner.ablation import point_of
from study.winner.greedy_path import go_on, step_name, step_names
from tests.winner.searched_study import Value, run_file, searched


@pytest.fixture(autouse=True)
def _lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)


def interacting(seed: int) -> Value:
    """Values of all combinations of levels, drawn at random and far apart. A rate counts as the baseline's or not."""
    draw = random.Random(seed)
    ranks = list(range(3 * 3 * 2))
    draw.shuffle(ranks)
    values = dict(zip(product([1, 3, 5], ["max", "mean", "flat"], [True, False]), ranks, strict=True))
    return lambda levels: 0.1 * values[int(levels["depth"]), str(levels["pooling"]), levels["rate"] == 0.1]


def greedy(value: Value, start: dict[str, Level], goal: Point) -> list[str]:
    """The path by a computation of its own, from the values without noise."""
    levels, order = dict(start), []
    while left := [name for name in goal if levels[name] != goal[name]]:
        best = max(left, key=lambda name: value({**levels, name: goal[name]}))
        levels[best] = goal[best]
        order.append(label({best: goal[best]}))
    return order


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3, 4, 6))])
def test_each_step_takes_the_change_that_gains_most_from_there(tmp_path: Path, seed: int) -> None:
    store, value = tmp_path / "store", interacting(seed)
    ledger = searched(store, value)
    goal = point_of(ledger, None)
    while (path := go_on(ledger, goal, store, tmp_path)).written:
        run_file(store, path.written.path, value)
    baseline = ledger.space.config({}, seed=0).levels()
    assert list(path.taken) == greedy(value, baseline, goal)
    assert len(step_names(store, "searched")) == len(goal)


def test_a_step_waits_for_its_cells_and_shares_those_of_the_step_before(tmp_path: Path) -> None:
    store, ledger = tmp_path / "store", searched(tmp_path / "store")
    goal = point_of(ledger, None)
    first = go_on(ledger, goal, store, tmp_path)
    assert first.written
    assert first.written.cells.cells == 5
    waiting = go_on(ledger, goal, store, tmp_path)
    assert (waiting.waiting, waiting.written, waiting.taken) == ("searched_path1", None, [])
    assert waiting.missing > 0
    run_file(store, first.written.path)
    second = go_on(ledger, goal, store, tmp_path)
    assert second.written
    assert second.taken == ["pooling=flat"]
    assert second.written.cells.cells == 5
    assert second.written.apart.space.config({}, seed=7).key == ledger.space.config({"pooling": "flat"}, seed=7).key


def test_a_path_to_another_point_is_not_gone_on_with(tmp_path: Path) -> None:
    store, ledger = tmp_path / "store", searched(tmp_path / "store")
    go_on(ledger, point_of(ledger, None), store, tmp_path)
    other: Point = {"depth": 5, "pooling": "mean"}
    with pytest.raises(StudyError, match="is no step from baseline to depth=5 pooling=mean"):
        go_on(ledger, other, store, tmp_path)


def test_steps_are_numbered() -> None:
    assert step_name("mine", 3) == "mine_path3"
    assert step_names(Path("nowhere"), "mine") == []
