"""Names that differ stay different in MLflow, whatever characters they have."""

import random

import pytest
from mlflow.utils.validation import _validate_metric_name, _validate_param_name, _validate_tag_name

from study.space.trial import label
from study.tracking.mlflow_names import in_section, milliseconds, mlflow_name, point_name, shortened, six_digits

LETTERS = "ab_-. :/\\@()[]{}|#%&*+=<>?!'\"`~^$,;äß漢\U0001f600"


@pytest.mark.parametrize("name", ["val_acc", "hidden-units", "opt.rate", "a b", "größe", "a:b", "漢", "x" * 250])
def test_a_name_that_mlflow_accepts_stays(name: str) -> None:
    assert mlflow_name(name) == name


def test_names_that_differ_stay_different_and_mlflow_accepts_all() -> None:
    chance = random.Random(13)
    names = {"".join(chance.choices(LETTERS, k=chance.randint(1, 9))) for _ in range(3000)}
    names |= {"a/b", "a b", "a_b", "a|b", "top@5 (val)", "top_5 _val_", "x" * 251, "x" * 300, "x" * 250 + "y"}
    changed = {name: mlflow_name(name) for name in names}
    assert len(set(changed.values())) == len(names)
    for name in changed.values():
        _validate_metric_name(name)  # type: ignore[no-untyped-call]
        _validate_param_name(name)  # type: ignore[no-untyped-call]
        _validate_tag_name(name)  # type: ignore[no-untyped-call]
        assert len(name) <= 250


def test_a_metric_of_a_section_is_never_longer_than_mlflow_takes() -> None:
    assert in_section("digits", "acc_1") == "digits/acc_1"
    sections, names = ("s" * 300, "d"), ("m" * 300 + "a", "m" * 300 + "b")
    long = [in_section(mlflow_name(section), mlflow_name(name)) for section in sections for name in names]
    assert len(set(long)) == 4
    assert len({name.partition("/")[0] for name in long}) == 2
    for name in long:
        _validate_metric_name(name)  # type: ignore[no-untyped-call]


def test_a_long_text_is_shortened_and_stays_different_from_another() -> None:
    assert shortened("abc", most=12) == "abc"
    long = {shortened("a" * 30 + end, most=20) for end in "bcd"}
    assert len(long) == 3
    assert {len(text) for text in long} == {20}


def test_a_point_is_named_as_people_read_it_and_differs_from_every_other() -> None:
    assert [point_name(point) for point in ("baseline", "depth=3 pooling=max")] == ["baseline", "depth:3 pooling:max"]
    chance = random.Random(15)
    levels = ["".join(chance.choices(LETTERS, k=chance.randint(1, 5))) for _ in range(2000)]
    points = {label({name: level}) for name in ("a", "a:b", "a=b") for level in levels}
    names = {point_name(point) for point in points}
    assert len(names) == len(points)
    for name in names:
        _validate_metric_name(f"val_acc mean/{name}")  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.8512345678, 0.851235), (123456.789, 123457.0), (1e-9 / 3, 3.33333e-10), (-0.1234567, -0.123457),
        (12_345_678, 12_345_678), (1e20, 1e20), (0.0, 0.0), (float("inf"), float("inf")),
    ],
)  # fmt: skip
def test_a_number_has_six_digits_and_a_count_has_all(value: float, shown: float) -> None:
    assert six_digits(value) == shown
    assert str(six_digits(float("nan"))) == "nan"


def test_a_time_before_1970_is_the_beginning_of_1970() -> None:
    assert [milliseconds(seconds) for seconds in (1.5, 0.0, -2.1)] == [1500, 0, 0]
