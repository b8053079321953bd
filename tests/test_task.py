"""What a task provides: settings with their rules, a fidelity, and optional parts with their defaults."""

from typing import Any

import numpy as np
import pytest

from study.errors import TaskError
from study.task import (
    Fidelity,
    Level,
    Setting,
    defaults,
    describe,
    describe_count,
    metric_groups,
    numbered,
    packages,
    same,
    scores_by_chance,
    shuffles,
)
from tests import toy_task


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (0.5, 0.5, True),
        ("max", "max", True),
        (True, True, True),
        (True, 1, False),
        (1.0, True, False),
        (False, 0, False),
        ("1", 1, False),
        (1, 2, False),
    ],
)
def test_one_and_one_point_oh_are_the_same_and_true_is_neither(a: Level, b: Level, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal


@pytest.mark.parametrize(
    ("level", "text"),
    [(True, "true"), (False, "false"), (16, "16"), (16.0, "16"), (0.003, "0.003"), (1e-8, "1e-08"), ("max", "max")],
)
def test_a_level_is_described_as_a_person_writes_it(level: Level, text: str) -> None:
    assert describe(level) == text


WHOLE = Setting(3, low=1, high=9)
NUMBER = Setting(0.1, low=0, high=0.5)
WORD = Setting("max", choices=("max", "mean"))
MIXED = Setting("library", choices=("library", 0, 1))
FLAG = Setting(True)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (WHOLE, 1),
        (WHOLE, 9),
        (WHOLE, 4.0),
        (NUMBER, 0),
        (NUMBER, 0.5),
        (WORD, "mean"),
        (MIXED, 0),
        (MIXED, 1.0),
        (FLAG, False),
        (Setting(0.0), 1e300),
        (Setting(16, low=1), 10**9),
    ],
)
def test_a_setting_takes_what_it_may(setting: Setting, value: object) -> None:
    assert setting.problem(value) is None


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        (WHOLE, 0, "must be between 1 and 9"),
        (WHOLE, 10.0, "must be between 1 and 9"),
        (WHOLE, 2.5, "must be a whole number"),
        (WHOLE, True, "must be a whole number"),
        (WHOLE, "3", "must be a whole number"),
        (WHOLE, None, "must be a whole number"),
        (WHOLE, [3], "must be a whole number"),
        (WHOLE, float("inf"), "must be a whole number"),
        (NUMBER, float("nan"), "must be a number"),
        (NUMBER, 10**400, "must be between 0 and 0.5"),
        (WHOLE, -(10**400), "must be between 1 and 9"),
        (Setting(0, high=2**32 - 1), 2**32, "must be at most 4294967295"),
        (NUMBER, False, "must be a number"),
        (NUMBER, 0.51, "must be between 0 and 0.5"),
        (WORD, "min", "must be one of max, mean"),
        (WORD, 1, "must be one of max, mean"),
        (WORD, ["max"], "must be one of max, mean"),
        (MIXED, True, "must be one of library, 0, 1"),
        (MIXED, "0", "must be one of 'library', 0, 1"),
        (FLAG, 1, "must be one of false, true"),
        (FLAG, "true", "must be one of false, true"),
        (Setting(16, low=1), 0, "must be at least 1"),
        (Setting(-1.0, high=0), 0.5, "must be at most 0"),
    ],
)
def test_a_setting_names_the_rule_that_a_value_breaks(setting: Setting, value: object, problem: str) -> None:
    assert setting.problem(value) == problem


@pytest.mark.parametrize(
    ("setting", "value", "level"), [(WHOLE, 4.0, 4), (NUMBER, 0, 0.0), (MIXED, 1.0, 1), (FLAG, False, False)]
)
def test_a_level_has_the_type_of_its_setting(setting: Setting, value: Level, level: Level) -> None:
    assert setting.level(value) == level
    assert type(setting.level(value)) is type(level)


def test_what_a_setting_allows_is_listed_where_it_can_be() -> None:
    assert WORD.allowed == ("max", "mean")
    assert FLAG.allowed == (False, True)
    assert WHOLE.allowed == NUMBER.allowed == ()


@pytest.mark.parametrize(
    ("default", "choices", "low", "message"),
    [
        ("max", (), 0, "the text 'max' needs choices"),
        ("max", ("mean",), 0, "the default 'max' breaks its own rule: must be one of mean"),
        (3, (), 4, "the default 3 breaks its own rule: must be at least 4"),
        (float("nan"), (), 0, "the default nan cannot be a level: a number must be finite"),
    ],
)
def test_a_setting_that_breaks_its_own_rule_cannot_be(
    default: Level, choices: tuple[Level, ...], low: float, message: str
) -> None:
    with pytest.raises(TaskError) as caught:
        Setting(default, choices=choices, low=low)
    assert str(caught.value) == message


def test_numpys_scalars_are_levels_like_pythons() -> None:
    units = Setting(np.int64(4), low=np.int32(1), high=np.float64(64))  # type: ignore[arg-type]
    assert [type(value) for value in (units.default, units.low, units.high)] == [int, int, float]
    rate = Setting(np.float32(0.05))  # type: ignore[arg-type]
    assert rate.default == 0.05
    assert type(rate.default) is float
    assert Setting(np.bool_(True)).allowed == (False, True)  # type: ignore[arg-type]
    assert Setting(np.str_("a"), choices=np.array(["a", "b"])).choices == ("a", "b")  # type: ignore[arg-type]
    fidelity = Fidelity(np.int64(2), np.uint8(3), 4)  # type: ignore[arg-type]
    assert {type(value) for value in vars(fidelity).values()} == {int}


def test_a_choice_that_numpy_computed_is_met_by_the_number_that_a_person_writes() -> None:
    drop = Setting(0.0, choices=list(np.arange(0, 0.5, 0.1)))  # type: ignore[arg-type]
    assert drop.problem(0.3) is None
    assert drop.level(0.3) == 0.30000000000000004
    assert drop.problem(0.31) == "must be one of 0, 0.1, 0.2, 0.3, 0.4"
    assert drop.problem(0.3000000001) == "must be one of 0.0, 0.1, 0.2, 0.30000000000000004, 0.4"


@pytest.mark.parametrize(
    ("default", "choices", "message"),
    [
        (None, (), "the default None cannot be a level: a level is a text, a number or a truth value: write 'none'"),
        (
            1.0,
            (1.0, None),
            "the choice None cannot be a level: a level is a text, a number or a truth value: write 'none'",
        ),
        ((8, 4), (), "a level is a text, a number or a truth value: write a text such as '8-4', and take it apart"),
        ("a", ("a", ["b", 1]), r"the choice \['b', 1\] cannot be a level: .*: write a text such as 'b-1'"),
        ({"a": 1}, (), "a truth value: write a text that names it, and look it up in `build`"),
        (len, (), "a truth value: write a text that names it, and look it up in `build`"),
        (np.arange(3), (), r"the default array\(\[0, 1, 2\]\) cannot be a level: a level is a text, a number or"),
        ("a\0", ("a\0",), "a text must be Unicode without the character NUL"),
        ("\udce9", ("\udce9",), "a text must be Unicode without the character NUL"),
        ("1", (1, 2), "the default '1' breaks its own rule: must be one of 1, 2"),
        (1, ("1", "2"), "the default 1 breaks its own rule: must be one of '1', '2'"),
        ("a", "abc", "the choices must be a list of levels, not 'abc'"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_a_way_out(default: Any, choices: Any, message: str) -> None:
    with pytest.raises(TaskError, match=message):
        Setting(default, choices=choices)


def test_bounds_and_parts_are_checked_when_a_setting_is_made() -> None:
    with pytest.raises(TaskError, match="low must not be above high, but 9 is above 2"):
        Setting(3, low=9, high=2)
    with pytest.raises(TaskError, match="high must be a number, not '9'"):
        Setting(3, high="9")  # type: ignore[arg-type]
    with pytest.raises(TaskError, match="the part must be one of data, model, training, not 'Data'"):
        Setting(3, part="Data")  # type: ignore[arg-type]


def test_a_single_level_of_another_setting_needs_no_tuple() -> None:
    assert Setting(3, only={"trunk": "conv"}).only == {"trunk": ("conv",)}  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "8"])
def test_a_fidelity_is_whole_and_above_nought(value: int) -> None:
    with pytest.raises(TaskError, match=r"fidelity\.train_examples must be a whole number of at least 1, not"):
        Fidelity(1, value, 1)


def test_a_fidelity_without_numbers_means_all_examples() -> None:
    whole = Fidelity(3)
    assert whole == Fidelity(3, None, None)
    assert whole.texts() == {"epochs": "3", "train_examples": "all", "validation_examples": "all"}
    assert whole.counted({"pool": 20, "validation": 5, "test": 4}) == Fidelity(3, 20, 5)
    assert Fidelity(3, 7).counted({"pool": 20}) == Fidelity(3, 7, None)
    assert [describe_count(count) for count in (None, 1_000)] == ["all", "1,000"]
    with pytest.raises(TaskError, match=r"fidelity\.epochs must be a whole number of at least 1, not None"):
        Fidelity(None)  # type: ignore[arg-type]


def test_any_text_is_a_level_only_where_it_is_said() -> None:
    free = Setting("relu", any_text=True)
    assert [free.problem(value) for value in ("gelu", "", 1, True)] == [None, None, "must be a text", "must be a text"]
    assert free.level("gelu") == "gelu"
    assert free.allowed == ()


def test_a_task_shuffles_unless_it_says_no() -> None:
    class Ordered(toy_task.Toy):
        shuffle = False

    assert (shuffles(toy_task.task), shuffles(Ordered())) == (True, False)


def test_defaults_are_one_value_for_every_setting() -> None:
    assert list(defaults(toy_task.task)) == list(toy_task.task.settings)
    assert defaults(toy_task.task)["depth"] == 3


def test_what_a_task_lacks_of_the_optional_parts_has_a_default() -> None:
    assert list(packages(toy_task.task)) == []
    assert dict(metric_groups(toy_task.task)) == {}
    assert dict(scores_by_chance(toy_task.task)) == {}


def test_a_task_may_name_packages_and_metric_groups() -> None:
    class Full(toy_task.Toy):
        packages = ("numpy",)
        metric_groups = {"place": r"val_place_(\d+)_acc"}
        scores_by_chance = {"val_acc": 0.1}

    assert list(packages(Full())) == ["numpy"]
    assert dict(metric_groups(Full())) == {"place": r"val_place_(\d+)_acc"}
    assert dict(scores_by_chance(Full())) == {"val_acc": 0.1}


def test_the_metrics_of_a_group_are_ordered_by_their_number() -> None:
    metrics = ["val_place_10_acc", "val_acc", "place_3_acc", "val_place_2_acc", "val_place_2_accuracy"]
    assert list(numbered(r"val_place_(\d+)_acc", metrics).items()) == [(2, "val_place_2_acc"), (10, "val_place_10_acc")]
    assert numbered(r"val_place_(\d+)_acc", ["val_acc"]) == {}
