"""Errors that are raised on purpose share one root, and one of a search space holds every problem."""

import pytest

from study.errors import DataError, Problem, SearchSpaceError, StoreError, StudyError, TaskError


def test_an_error_of_a_search_space_has_a_line_for_each_problem() -> None:
    error = SearchSpaceError([Problem("seeds", "must differ"), "a.toml: design: is missing"])
    assert error.problems == ("seeds: must differ", "a.toml: design: is missing")
    assert str(error) == "seeds: must differ\na.toml: design: is missing"


def test_problems_may_come_one_by_one() -> None:
    assert SearchSpaceError(str(number) for number in range(2)).problems == ("0", "1")


@pytest.mark.parametrize("kind", [SearchSpaceError, TaskError, StoreError, DataError])
def test_every_error_is_one_that_its_reader_can_mend(kind: type[Exception]) -> None:
    assert issubclass(kind, StudyError)
