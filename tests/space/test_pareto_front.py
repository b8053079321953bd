"""The Pareto front holds the points that no other point dominates."""

import pytest

from study.space.objective import Objective
from study.space.pareto_front import front


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([], []),
        ([(1.0, 5.0)], [0]),
        ([(1.0, 5.0), (2.0, 5.0), (2.0, 4.0), (3.0, 9.0)], [2, 3]),
        ([(1.0, 5.0), (1.0, 5.0)], [0, 1]),
    ],
)
def test_the_front_is_what_nothing_beats_in_both(values: list[tuple[float, float]], places: list[int]) -> None:
    assert front(values, (Objective("val_acc", "maximize"), Objective("flops", "minimize"))) == places
