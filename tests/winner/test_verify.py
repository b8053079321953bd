"""Readings of fresh examples: where they are wrong, and what was taken for what."""

import pytest

from study.winner.verify import Reading, confusion


@pytest.mark.parametrize(
    ("true", "read", "wrong"),
    [("123456", "123456", []), ("123456", "023450", [1, 6]), ("cat", "cart", [1, 2, 3])],
)
def test_a_reading_is_wrong_where_it_differs(true: str, read: str, wrong: list[int]) -> None:
    assert Reading(true, read).wrong == wrong


def test_confusion_counts_each_pair_at_its_place() -> None:
    found = confusion([Reading("12", "13"), Reading("12", "12"), Reading("22", "13")])
    assert found == {1: {("1", "1"): 2, ("2", "1"): 1}, 2: {("2", "3"): 2, ("2", "2"): 1}}
