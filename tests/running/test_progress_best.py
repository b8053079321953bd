"""The best point of a run so far."""

from dataclasses import replace

import pytest

from study.ledger.cell import Phase, Trial
from study.running.progress_best import BestSoFar
from study.space.objective import Objective
from tests.trial_functions import space, succeed

CONFIG = space().config({}, seed=0)


def add(best: BestSoFar, point: str, value: float, phase: Phase = "") -> str:
    return best.add(Trial(0, CONFIG, point, phase), replace(succeed(CONFIG), curve=({"val_acc": value},)))


@pytest.fixture
def best() -> BestSoFar:
    return BestSoFar(Objective("val_acc", "maximize"))


def test_a_point_counts_by_its_mean_over_seeds(best: BestSoFar) -> None:
    assert best.text() == ""
    assert add(best, "a=1", 0.5) == "best 0.500 (a=1)"
    assert add(best, "a=2", 0.4) == ""
    assert add(best, "a=1", 0.25) == "best 0.400 (a=2)"
    assert add(best, "a=2", 0.4) == "best 0.400 (a=2, mean of 2 seeds)"
    assert add(best, "a=1", 0.3) == ""


def test_less_may_be_better() -> None:
    best = BestSoFar(Objective("val_loss", "minimize"), part="of this run ")
    trial = Trial(0, CONFIG, "a=1")
    losses = [replace(succeed(CONFIG), curve=({"val_loss": loss},)) for loss in (0.5, 0.4)]
    assert best.add(trial, losses[0]) == "best of this run 0.500 (a=1)"
    assert best.add(replace(trial, point="a=2"), losses[1]) == "best of this run 0.400 (a=2)"


def test_the_values_of_a_search_are_forgotten_once_its_points_are_confirmed(best: BestSoFar) -> None:
    add(best, "a=1", 0.99, "search")
    add(best, "a=2", 0.98, "search")
    assert add(best, "baseline", 0.25, "confirm") == "best 0.250 (baseline)"
    assert add(best, "a=1", 0.5, "confirm") == "best 0.500 (a=1)"
    assert add(best, "a=1", 0.25, "confirm") == "best 0.375 (a=1, mean of 2 seeds)"


def test_a_trial_without_the_objective_does_not_count(best: BestSoFar) -> None:
    assert best.add(Trial(0, CONFIG, "a=1"), replace(succeed(CONFIG), curve=({"acc": 0.5},))) == ""
