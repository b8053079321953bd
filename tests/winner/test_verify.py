"""Answers to fresh examples: at which positions they are wrong, and which characters the model confuses."""

from pathlib import Path

import pytest

from analysis import confusion as confusion_figure
from analysis.drawing.source import Source
from study.winner.verify import FreshAnswer, confusion


@pytest.mark.parametrize(
    ("true", "read", "wrong"),
    [("123456", "123456", []), ("123456", "023450", [1, 6]), ("cat", "cart", [1, 2, 3])],
)
def test_an_answer_is_wrong_where_it_differs(true: str, read: str, wrong: list[int]) -> None:
    assert FreshAnswer(true, read).wrong == wrong


def test_confusion_counts_each_pair_at_its_position() -> None:
    counts = confusion([FreshAnswer("12", "13"), FreshAnswer("12", "12"), FreshAnswer("22", "13")])
    assert counts == {1: {("1", "1"): 2, ("2", "1"): 1}, 2: {("2", "3"): 2, ("2", "2"): 1}}


def test_the_digits_that_the_best_model_takes_for_others_are_drawn(
    smoke: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confusion_figure, "COUNT", 200)  # Ten times as many take seconds and prove no more.
    drawn, name = confusion_figure.compose(Source("smoke", smoke[0]))
    assert (name, len(drawn.axes)) == ("smoke", 6)
    assert "on 200 fresh examples that no split holds" in drawn.get_supxlabel().replace("\n", " ")
