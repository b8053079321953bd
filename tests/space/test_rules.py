"""A rule says what a value must be, and tests it."""

from typing import Any

import pytest

from study.space import rules
from study.space.constraint import Constraint
from study.space.rules import Rule, constraint, whole


def test_a_whole_number_keeps_its_bounds() -> None:
    rule = whole(0, 1_000)
    assert rule.words == "a whole number from 0 to 1,000"
    assert [value for value in (-1, 0, 1_000, 1_001, 1.0, True, "1", None) if rule.holds(value)] == [0, 1_000]


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (rules.NAME, ["a", "9-x_Y", "a" * 64], ["", "-a", "a" * 65, "a b", "ä", "../a", 3]),
        (rules.SEEDS, [1, 10_000, [0], [2, 1]], [0, True, [], [1, 1], [-1], [True], "1"]),
        (rules.POSITIVE, [1, 0.5], [0, -1, True, float("inf"), float("nan"), "1"]),
        (rules.FLAG, [True, False], [0, 1, "true"]),
        (rules.METRIC, ["val_acc", "a/b", "a b"], ["", " a", "a\n", 1]),
        (rules.KIND, ["grid"], ["", "Grid", ["grid"], False]),
        (rules.OBJECTIVE, [{}, [{}, {}]], [[], [{}], [{}, {}, {}], [{}, 1], "val_acc"]),
    ],
)
def test_a_rule_takes_what_it_names(rule: Rule, right: list[Any], wrong: list[Any]) -> None:
    assert [value for value in right if not rule.holds(value)] == []
    assert [value for value in wrong if rule.holds(value)] == []


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("parameters <= 100_000", Constraint("parameters", "<=", 100_000)),
        (" flops<1.5e9 ", Constraint("flops", "<", 1_500_000_000)),
        ("flops > 0.5", Constraint("flops", ">", 0.5)),
        ("parameters >= 0", Constraint("parameters", ">=", 0)),
        ("seconds < 3", None),
        ("parameters = 3", None),
        ("flops < 1e999", None),
        ("flops < e", None),
        (3, None),
        (False, None),
    ],
)
def test_a_constraint_is_read_from_its_text(text: Any, stated: Constraint | None) -> None:
    assert constraint(text) == stated


def test_every_default_keeps_its_own_rule() -> None:
    for key, (rule, default) in rules.SIMPLE.items():
        assert default is None or default == "" or rule.holds(default), key
    assert rules.PRUNER.holds(rules.SOONEST)
