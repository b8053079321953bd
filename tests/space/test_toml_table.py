"""A table is read key by key, and its problems are gathered under their whole keys."""

from study.errors import Problem
from study.space import rules
from study.space.toml_table import Table


def test_a_value_that_keeps_its_rule_is_taken_once() -> None:
    problems: list[Problem] = []
    table = Table({"paired": False}, problems)
    assert "paired" in table
    assert table.take("paired", rules.FLAG, True) is False
    assert "paired" not in table
    assert table.take("paired", rules.FLAG, True) is True
    assert problems == []


def test_a_wrong_value_is_a_problem_and_the_default_is_taken() -> None:
    problems: list[Problem] = []
    table = Table({"kind": "gird", "paired": 0}, problems, within="design.")
    assert table.take("kind", rules.KIND) is None
    assert table.take("paired", rules.FLAG, False) is False
    assert problems == [
        Problem("design.kind", "must be one of 'ablation', 'dose', 'grid', 'sweep', not 'gird'; did you mean 'grid'?"),
        Problem("design.paired", "must be true or false, not 0"),
    ]


def test_a_missing_value_is_a_problem_only_without_a_default() -> None:
    problems: list[Problem] = []
    table = Table({}, problems)
    assert table.take("margin", rules.MARGIN, None) is None
    assert table.take_table("baseline", rules.BASELINE).is_wrong is False
    assert problems == []
    assert table.take("paired", rules.FLAG) is None
    assert problems == [Problem("paired", "is missing; it must be true or false")]


def test_an_inner_table_adds_to_the_problems_of_the_outer_one() -> None:
    problems: list[Problem] = []
    outer = Table({"confirm": {"top": 0}, "other": {}}, problems)
    inner, other = outer.take_table("confirm", rules.CONFIRM), outer.take_table("other", rules.BASELINE)
    assert inner.take("top", rules.whole(1, 9), 3) == 3
    assert [problem.key for problem in problems] == ["confirm.top"]
    assert (outer.is_wrong, inner.is_wrong, other.is_wrong) == (True, True, False)
    assert (inner.is_wrong_at("top"), inner.is_wrong_at("seeds"), outer.is_wrong_at("confirm")) == (True, False, False)


def test_keys_that_are_left_are_problems() -> None:
    problems: list[Problem] = []
    table = Table({"sed": 1, "kind": "grid"}, problems, within="design.")
    assert table.pop("kind") == "grid"
    table.refuse_rest(("kind", "seed"))
    assert problems == [Problem("design.sed", "no such key; did you mean 'seed'?")]
