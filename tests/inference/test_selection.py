"""Which cells may be compared, and which point is the best."""

import pytest

from study.inference.selection import best_point, may_be_compared


def test_all_cells_may_be_compared_but_those_that_a_confirmed_search_chose_by() -> None:
    assert may_be_compared(["", ""]) == [True, True]
    assert may_be_compared(["search", "search"]) == [True, True]
    assert may_be_compared(["search", "confirm", "search"]) == [False, True, False]
    assert may_be_compared([]) == []


def test_the_best_point_is_that_of_the_best_mean_and_the_first_of_equal_ones() -> None:
    means = {"baseline": 0.5, "a": 0.7, "b": 0.7, "c": 0.5}
    assert best_point(means, sign=1) == "a"
    assert best_point(means, sign=-1) == "baseline"
    with pytest.raises(ValueError, match="empty"):
        best_point({}, sign=1)
