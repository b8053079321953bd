"""Values from files have the types that their classes declare."""

from dataclasses import replace
from typing import Any

import pytest

from study.records.checked_types import check_types
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.points import listed_cells
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import DATA, diverge, fail, space, succeed

SWEEP = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
WIDE = space(DEPTH, POOLING, NORM)


def test_what_a_program_writes_fits() -> None:
    for whole in (WIDE, space(Factor("rate", Range(0.1, 1.0, log=True)), design=SWEEP, seeds=(0,))):
        check_types(whole)
    for config in listed_cells(WIDE):
        for outcome in (succeed, fail, diverge):
            check_types(config)
            check_types(outcome(config))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("seeds", ("a",)),
        ("seeds", 3),
        ("seeds", (True,)),
        ("reference", 3),
        ("margin", "wide"),
        ("margin", 2**63),
        ("design", Design("sweep", trials="5")),  # type: ignore[arg-type]
        ("description", "\ud800"),
        ("baseline", {"depth": [1]}),
        ("baseline", {"depth": 10**400}),
        ("baseline", {3: 3}),
    ],
)
def test_a_part_of_another_type_is_named(part: str, value: Any) -> None:
    spoilt = replace(WIDE)
    object.__setattr__(spoilt, part, value)
    with pytest.raises(TypeError, match=f"^{part}.*is of the wrong type$"):
        check_types(spoilt)


@pytest.mark.parametrize(
    ("part", "value"),
    [("state", "splendid"), ("seconds", None), ("parameters", "10"), ("parameters", 10**30), ("curve", ({"a": "b"},))],
)
def test_a_part_of_a_result_too(part: str, value: Any) -> None:
    result = replace(succeed(next(iter(listed_cells(WIDE)))), data=DATA)
    object.__setattr__(result, part, value)
    with pytest.raises(TypeError, match=f"^{part}"):
        check_types(result)
