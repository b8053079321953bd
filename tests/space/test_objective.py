"""An objective says which way is better, and finds its value in a result."""

from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space.objective import Objective, is_better
from study.space.trial import TrialResult


@pytest.mark.parametrize(("metric", "direction"), [("", "maximize"), ("val_acc", "up"), ("val_acc", "")])
def test_an_objective_is_a_metric_and_a_direction(metric: str, direction: Any) -> None:
    with pytest.raises(SearchSpaceError, match="must be a metric and a direction"):
        Objective(metric, direction)


def test_an_objectives_sign_says_which_way_is_better() -> None:
    assert Objective("val_acc", "maximize").sign == 1
    assert Objective("val_loss", "minimize").sign == -1


def test_the_value_of_a_trial_is_its_last_metric_or_its_cost() -> None:
    result = TrialResult("complete", ({"val_acc": 0.5}, {"val_acc": 0.75}), parameters=10, seconds=2.0)
    assert Objective("val_acc", "maximize").of(result) == 0.75
    assert Objective("parameters", "minimize").of(result) == 10
    assert Objective("seconds", "minimize").of(result) == 2.0
    assert Objective("flops", "minimize").of(result) is None
    assert Objective("val_loss", "minimize").of(result) is None


def test_a_metric_that_is_called_like_a_cost_is_the_metric() -> None:
    result = TrialResult("complete", ({"flops": 3.0},), flops=20)
    assert Objective("flops", "minimize").of(result) == 3.0


def test_an_objective_is_written_as_a_person_says_it() -> None:
    assert str(Objective("val_acc", "maximize")) == "maximize val_acc"


def test_the_best_epoch_counts_only_if_it_is_asked_for() -> None:
    last, best = Objective("val_acc", "maximize"), Objective("val_acc", "maximize", "best")
    assert last.to_json() == {"metric": "val_acc", "direction": "maximize"}
    assert Objective(**best.to_json()) == best
    assert (str(last), str(best)) == ("maximize val_acc", "maximize val_acc at the best epoch")
    assert [last.best_so_far(value, 0.5) for value in (0.4, 0.6)] == [0.4, 0.6]
    assert [best.best_so_far(value, before) for value, before in ((0.4, 0.5), (0.6, 0.5), (0.1, None))] == [
        0.5,
        0.6,
        0.1,
    ]


def test_better_is_a_number_further_in_the_direction() -> None:
    assert is_better(1.0, None, direction="maximize")
    assert is_better(1.0, 0.5, direction="maximize")
    assert not is_better(1.0, 0.5, direction="minimize")
    assert not is_better(1.0, 1.0, direction="maximize")
    assert not is_better(float("nan"), None, direction="maximize")
