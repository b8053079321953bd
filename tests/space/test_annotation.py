"""What annotations allow."""

import math
import sys
from typing import Annotated, Any, Literal, NewType, Optional, Union

import numpy as np
import pytest

from study.errors import TaskError
from study.space.annotation import NOTHING, Rule, rule

Units = NewType("Units", int)


class Interval:
    """As annotated_types has it."""

    ge, le, gt, lt = 0, 1, None, None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (NOTHING, Rule()),
        (float, Rule(float)),
        (int, Rule(int)),
        (bool, Rule(bool)),
        (str, Rule(str)),
        (np.float64, Rule(float)),
        (Units, Rule(int)),
        (list[int], Rule()),
        (Any, Rule()),
        (None, Rule()),
        (Literal["a", "b"], Rule(choices=("a", "b"))),
        (Literal["a", "b"], Rule(choices=("a", "b"))),
        (Literal[("a", "b")], Rule(choices=("a", "b"))),
        (Literal["a"] | Literal["b"], Rule(choices=("a", "b"))),
        (Literal["a", 1, True], Rule(choices=("a", 1, True))),
        (Optional[Literal["a"]], Rule(choices=("a",))),  # noqa: UP045
        (int | None, Rule(int)),
        (int | float, Rule(float)),
        (Union[int, str], Rule()),  # noqa: UP007
        (Annotated[float, 0, 1], Rule(float, low=0, high=1)),
        (Annotated[int, 1, None], Rule(int, low=1)),
        (Annotated[int, None, 8], Rule(int, high=8)),
        (Annotated[float, -1.5, math.inf], Rule(float, low=-1.5)),
        (Annotated[float, (0, 1)], Rule(float, low=0, high=1)),
        (Annotated[int, range(1, 9)], Rule(int, low=1, high=8)),
        (Annotated[float, 0, 1, "the share of dropped units"], Rule(float, low=0, high=1)),
        (Annotated[float, "the share of dropped units"], Rule(float)),
        (Annotated[Annotated[float, 0, 1], "a share"], Rule(float, low=0, high=1)),
        (Annotated[float | None, 0, 1], Rule(float, low=0, high=1)),
        (Annotated[float, Interval()], Rule(float, low=0, high=1)),
        (Annotated[float, object()], Rule(float)),
        (Annotated[Literal["a"], "a kind"], Rule(choices=("a",))),
    ],
)
def test_an_annotation_is_a_rule(annotation: Any, expected: Rule) -> None:
    assert rule(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotated[float, 1], "the number of bounds in its Annotated must be two, not 1; write the lowest and the"),
        (Annotated[float, 1, 2, 3], "must be two, not 3"),
        (Annotated[str, 1, 2], "only a number has bounds, not str; write Annotated"),
        (Annotated[bool, 0, 1], "only a number has bounds"),
    ],
)
def test_bounds_that_are_none_are_refused(annotation: Any, message: str) -> None:
    with pytest.raises(TaskError, match=message):
        rule(annotation)


@pytest.mark.parametrize(
    ("one", "value", "same"),
    [
        (Rule(float), 1, 1.0),
        (Rule(int), 32.0, 32),
        (Rule(), 1, 1),
        (Rule(float), np.float32(0.1), 0.1),
        (Rule(choices=(1, 2)), 1.0, 1.0),
        (Rule(bool), True, True),
        (Rule(int), None, None),
    ],
)
def test_a_default_gets_the_type_of_its_annotation(one: Rule, value: Any, same: Any) -> None:
    assert one.of_kind(value) == same
    assert type(one.of_kind(value)) is type(same)


@pytest.mark.parametrize(
    ("one", "value", "message"),
    [
        (Rule(int), 2.5, "its default 2.5 is not a whole number, as its annotation says"),
        (Rule(int), True, "its default True is not a whole number"),
        (Rule(float), "a", "its default 'a' is not a number"),
        (Rule(bool), 1, "its default 1 is not true or false"),
        (Rule(str), 1, "its default 1 is not a text"),
    ],
)
def test_a_default_of_another_type_is_refused(one: Rule, value: Any, message: str) -> None:
    with pytest.raises(TaskError, match=message):
        one.of_kind(value)


def test_a_type_of_python_3_12_is_the_type_that_it_names() -> None:
    if sys.version_info >= (3, 12):
        namespace: dict[str, Any] = {"Literal": Literal}
        exec("type Kind = Literal['a', 'b']", namespace)
        assert rule(namespace["Kind"]) == Rule(choices=("a", "b"))
