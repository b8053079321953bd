"""What a task provides: settings with their rules, a fidelity, and optional parts with their defaults."""

import pytest

from study.errors import TaskError
from study.task import (
    Fidelity,
    Level,
    Setting,
    defaults,
    describe,
    metric_groups,
    numbered,
    packages,
    same,
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
        (MIXED, "0", "must be one of library, 0, 1"),
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
        (float("nan"), (), 0, "the default nan breaks its own rule: must be a number"),
    ],
)
def test_a_setting_that_breaks_its_own_rule_cannot_be(
    default: Level, choices: tuple[Level, ...], low: float, message: str
) -> None:
    with pytest.raises(TaskError) as caught:
        Setting(default, choices=choices, low=low)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "8", None])
def test_a_fidelity_is_whole_and_above_nought(value: int) -> None:
    with pytest.raises(TaskError, match=r"fidelity\.train_examples must be a whole number of at least 1, not"):
        Fidelity(1, value, 1)


def test_defaults_are_one_value_for_every_setting() -> None:
    assert list(defaults(toy_task.task)) == list(toy_task.task.settings)
    assert defaults(toy_task.task)["depth"] == 3


def test_what_a_task_lacks_of_the_optional_parts_has_a_default() -> None:
    assert list(packages(toy_task.task)) == []
    assert dict(metric_groups(toy_task.task)) == {}


def test_a_task_may_name_packages_and_metric_groups() -> None:
    class Full(toy_task.Toy):
        packages = ("numpy",)
        metric_groups = {"place": r"val_place_(\d+)_acc"}

    assert list(packages(Full())) == ["numpy"]
    assert dict(metric_groups(Full())) == {"place": r"val_place_(\d+)_acc"}


def test_the_metrics_of_a_group_are_ordered_by_their_number() -> None:
    metrics = ["val_place_10_acc", "val_acc", "place_3_acc", "val_place_2_acc", "val_place_2_accuracy"]
    assert list(numbered(r"val_place_(\d+)_acc", metrics).items()) == [(2, "val_place_2_acc"), (10, "val_place_10_acc")]
    assert numbered(r"val_place_(\d+)_acc", ["val_acc"]) == {}
