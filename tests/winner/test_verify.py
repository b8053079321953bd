"""Answers to fresh examples: at which positions they are wrong, and which characters the model confuses."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import confusion as confusion_figure
from analysis.drawing.source import Source
from study.data.nest_file import read_nest, write_nest
from study.errors import StudyError
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.task import Settings
from study.training.saved_model import ANSWERS as ANSWERS_FILE
from study.training.saved_model import INPUTS
from study.winner import verify
from study.winner.choice import choose
from study.winner.verify import FreshAnswer, confusion, rows
from tests.winner.finished_study import finished


@pytest.mark.parametrize(
    ("true", "read", "wrong"),
    [("123456", "123456", []), ("123456", "023450", [1, 6]), ("cat", "cart", [1, 2, 3])],
)
def test_an_answer_is_wrong_where_it_differs(true: str, read: str, wrong: list[int]) -> None:
    assert FreshAnswer(true, read).wrong == wrong


def test_confusion_counts_each_pair_at_its_position() -> None:
    counts = confusion([FreshAnswer("12", "13"), FreshAnswer("12", "12"), FreshAnswer("22", "13")])
    assert counts == {1: {("1", "1"): 2, ("2", "1"): 1}, 2: {("2", "3"): 2, ("2", "2"): 1}}


@pytest.mark.slow
@pytest.mark.slow
def test_the_digits_that_the_best_model_takes_for_others_are_drawn(
    smoke: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confusion_figure, "COUNT", 200)  # Ten times as many take seconds and prove no more.
    made = confusion_figure.compose(Source("smoke", smoke[0]))
    assert (made.study, len(made.figure.axes)) == ("smoke", 7)  # One for each place, and a bar of colours.
    assert "on 200 fresh examples that no split holds" in made.caption


def test_each_row_of_a_nest_is_the_same_nest() -> None:
    nest = {"kind": np.array([1, 2]), "place": (np.array([[3], [4]]), [np.array(["a", "b"])])}
    first, second = rows(nest)
    assert (first["kind"], first["place"][0].tolist(), first["place"][1]) == (1, [3], ["a"])
    assert second["place"][1] == ["b"]


@dataclass
class Sampled:
    """A task with answers in a dict, whose fresh examples are what the test wants."""

    made: Any
    name: str = "sampled"

    def fresh(self, settings: Settings, *, count: int, seed: int) -> Any:
        return self.made

    def text(self, target: Any) -> str:
        return f"{target['kind']} at {target['place']}"


ANSWERS = {"kind": np.array([1, 0]), "place": np.array([5, 6])}


def test_examples_and_answers_may_be_nests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(ledger: Ledger, cell: Cell, function: str, *, folder: Path, say: object, attended: object) -> None:
        assert read_nest(folder / INPUTS)["words"].tolist() == ["a", "b"]
        write_nest(folder / ANSWERS_FILE, ANSWERS)

    targets = {"kind": np.array([1, 1]), "place": np.array([5, 6])}
    made = {"words": np.array(["a", "b"], object)}, targets, np.ones(2)
    monkeypatch.setattr(verify, "task_of", lambda config: Sampled(made))
    monkeypatch.setattr(verify, "run_on_model", answer)
    ledger = finished(tmp_path)
    answers = verify.fresh_answers(ledger, choose(ledger), count=2, seed=0, say=pytest.fail)
    assert answers == [FreshAnswer("1 at 5", "1 at 5"), FreshAnswer("1 at 6", "0 at 6")]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "returned None; it must return (inputs, targets)"),
        ((np.ones(2),), "returned (ndarray); it must return (inputs, targets)"),
        (([[1], [1, 2]], np.ones(2)), "returned something that "),
    ],
)
def test_fresh_examples_that_are_none_are_refused(
    made: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "task_of", lambda config: Sampled(made))
    ledger = finished(tmp_path)
    with pytest.raises(StudyError, match=re.escape(words)):
        verify.fresh_answers(ledger, choose(ledger), count=2, seed=0, say=pytest.fail)


def test_a_task_without_fresh_examples_is_named(tmp_path: Path) -> None:
    ledger = finished(tmp_path)
    with pytest.raises(StudyError, match="task 'toy' offers no fresh examples"):
        verify.fresh_answers(ledger, choose(ledger), count=2, seed=0, say=pytest.fail)
