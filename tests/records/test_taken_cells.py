"""Cells of another study in the store are taken over, each once, and never those by which a search chose."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.records.taken_cells import take_cells
from study.space.design import Confirm, Design
from study.space.search_space import SearchSpace
from study.space.task_code import TaskCode
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Outcome, diverge, fail, space, succeed


@pytest.fixture(autouse=True)
def _lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)


OTHER = space(DEPTH, name="other", seeds=(0, 1, 2))


def source(store: Path, of: SearchSpace | None = None, outcome: Outcome = succeed, **how: object) -> Ledger:
    given = of or space(DEPTH, POOLING)
    run(store, given, outcome, **how)  # type: ignore[arg-type]
    return Ledger.read(store, given.name)


def test_cells_with_the_same_key_are_there_with_their_curves(tmp_path: Path) -> None:
    first = source(tmp_path)
    assert take_cells(OTHER, tmp_path, [first]).cells == 2 * 3
    taken = Ledger.read(tmp_path, "other")
    assert taken.counts() == {"complete": 6, "missing": 3}
    for cell in taken.cells():
        if cell.state == "complete":
            assert taken.curve(cell.config.key) == first.curve(cell.config.key)
            assert cell.result == next(one.result for one in first.cells() if one.config.key == cell.config.key)
    assert {trial.config.seed for trial in run(tmp_path, OTHER)} == {2}


def test_no_cell_is_taken_twice(tmp_path: Path) -> None:
    first = source(tmp_path)
    take_cells(OTHER, tmp_path, [first])
    assert take_cells(OTHER, tmp_path, [first, first]).cells == 0
    run(tmp_path, OTHER)
    assert take_cells(OTHER, tmp_path, [first]).cells == 0


def test_a_search_gives_only_what_confirms(tmp_path: Path) -> None:
    sweep = space(DEPTH, POOLING, design=Design("sweep", trials=8, confirm=Confirm(2, 2)), seeds=(0,))
    first = source(tmp_path, sweep)
    confirmed = {cell.config.key for cell in first.cells() if cell.phase == "confirm"}
    wide = space(DEPTH, POOLING, name="other", design=Design("grid"), seeds=(0, 1, 2, 3))
    assert take_cells(wide, tmp_path, [first]).cells == len(confirmed) == 6
    complete = {cell.config.key for cell in Ledger.read(tmp_path, "other").cells() if cell.state == "complete"}
    assert complete == confirmed


def test_a_cell_that_failed_runs_again_and_one_that_diverged_does_not(tmp_path: Path) -> None:
    def outcome(config):  # type: ignore[no-untyped-def]
        return {1: fail, 3: diverge, 5: succeed}[int(config.settings["depth"])](config)

    first = source(tmp_path, space(DEPTH, seeds=(0,), max_retries=0), outcome)
    assert take_cells(OTHER, tmp_path, [first]).cells == 2
    assert Ledger.read(tmp_path, "other").counts() == {"diverged": 1, "complete": 1, "missing": 7}


def test_cells_of_other_threads_or_other_code_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = source(tmp_path), source(tmp_path, space(DEPTH, name="more", seeds=(2,)))
    assert take_cells(OTHER, tmp_path, [first, replaced_threads(second, 3)]).cells == 6

    def edited(config):  # type: ignore[no-untyped-def]
        return replace(succeed(config), code="a" * 64)

    third = source(tmp_path, space(DEPTH, name="third", seeds=(2,)), edited)
    now = TaskCode({"task.py": "b" * 64})
    monkeypatch.setattr("study.records.taken_cells.code_of", lambda space: now)
    done = take_cells(OTHER, tmp_path, [third])
    assert (done.cells, done.of_other_code) == (0, 3)


def replaced_threads(ledger: Ledger, threads: int) -> Ledger:
    ledger.threads = threads
    return ledger
