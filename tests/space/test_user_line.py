"""Where a task's method stands."""

import functools

from study.space.user_line import line_of


class Task:
    def build(self) -> None:
        """The method itself."""

    @functools.lru_cache  # noqa: B019
    def data(self) -> None:
        """A method that something wraps."""

    fresh = staticmethod(print)


def test_the_place_is_the_file_and_the_line_of_the_method() -> None:
    assert line_of(Task(), "build") == f"test_user_line.py, line {Task.build.__code__.co_firstlineno}"


def test_a_wrapped_method_is_found_below_its_wrapper() -> None:
    assert line_of(Task(), "data") == f"test_user_line.py, line {Task.data.__wrapped__.__code__.co_firstlineno}"


def test_a_function_without_a_file_is_known_by_its_task() -> None:
    assert line_of(Task(), "fresh") == "Task"
