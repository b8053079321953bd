"""A constraint holds up to its bound, and says how far a size is beyond it."""

import pytest

from study.space.constraint import Constraint


@pytest.mark.parametrize("relation", ["<=", "<", ">=", ">"])
def test_what_breaks_a_constraint_is_beyond_it(relation: str) -> None:
    bound = Constraint("parameters", relation, 100)
    for number in (99, 100, 101):
        assert bound.holds(number) == (bound.excess(number) <= 0)


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("<=", (True, True, False)),
        ("<", (True, False, False)),
        (">=", (False, True, True)),
        (">", (False, False, True)),
    ],
)
def test_a_constraint_holds_as_its_relation_says(relation: str, holds: tuple[bool, ...]) -> None:
    bound = Constraint("flops", relation, 100)
    assert tuple(map(bound.holds, (99, 100, 101))) == holds


def test_a_constraint_is_written_as_in_a_file() -> None:
    assert str(Constraint("parameters", "<=", 100_000)) == "parameters <= 100_000"
