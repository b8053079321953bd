"""Which digit is taken for which: a panel a position, of a model that is there."""

from collections import Counter
from pathlib import Path

import pytest

from analysis import confusion
from analysis.drawing.source import FigureError, Source
from tests.analysis.synthetic_tables import axes, csv, table


def test_a_row_is_a_true_digit_and_shades_are_shares_of_it() -> None:
    pairs = Counter({("0", "0"): 3, ("0", "1"): 1, ("1", "1"): 2})
    ax = confusion.draw(pairs, position=4, ax=axes())
    assert ax.get_title(loc="left") == "digit 4: 0.833 read right"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1"]
    shares = ax.collections[0].get_array()
    assert shares is not None
    assert shares.tolist() == [[0.75, 0.25], [None, 1.0]]


def test_a_table_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="give the name of a study"):
        confusion.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))


def test_the_answer_is_the_most_frequent_mistake_over_all_positions() -> None:
    first = Counter({("8", "8"): 90, ("8", "3"): 6, ("1", "7"): 4})
    second = Counter({("8", "3"): 4, ("1", "1"): 96})
    said = "Most often 8 is taken for 3, 10 of 100 times; 7.00 % of all digits are misread."
    assert confusion.answer({1: first, 2: second}) == said
    assert confusion.answer({1: Counter({("1", "1"): 5})}) == "None of 5 digits was misread."
    assert confusion.answer({1: Counter({("2", "1"): 1, ("1", "2"): 1})}).startswith("Most often 1 is taken for 2")
