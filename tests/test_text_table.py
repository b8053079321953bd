"""Tables that fit their terminal."""

import io
import random

import pytest
from rich.console import Console
from rich.text import Text

from study.text_table import Column, TextTable, folded

COLUMNS = (
    Column("point", "name"),
    Column("mean", rank=3),
    Column("difference", rank=1),
    Column("verdict", "text"),
    Column("left out", rank=4),
)


def printed(*rows: tuple[str, ...], columns: tuple[Column, ...] = COLUMNS, width: int = 80) -> list[str]:
    Console(file=(out := io.StringIO()), width=width).print(
        TextTable(columns, [[*map(Text, row)] for row in rows]), soft_wrap=True
    )
    return out.getvalue().splitlines()


def test_texts_stand_on_the_left_and_numbers_on_the_right() -> None:
    assert printed(("a", "0.5", "+0.1", "helps", "1"), ("width=8", "12.5", "", "hurts", "")) == [
        "point    mean  difference  verdict  left out",
        "a         0.5        +0.1  helps           1",
        "width=8  12.5              hurts",
    ]


def test_a_column_without_a_text_is_left_out_unless_it_always_stays() -> None:
    assert printed(("a", "", "", "", "")) == ["point  verdict", "a"]


def test_a_table_without_titles_has_no_head() -> None:
    assert printed(("next:", "study ui"), columns=(Column("", "text"), Column("", "name"))) == ["next:  study ui"]


def test_the_least_important_columns_go_first_and_are_named() -> None:
    row = ("width=8", "0.500", "+0.125", "undecided (40 seeds)", "2")
    assert printed(row, width=58)[0] == "point     mean  difference  verdict               left out"
    assert printed(row, width=57) == [
        "point     mean  difference  verdict",
        "width=8  0.500      +0.125  undecided (40 seeds)",
        "a wider terminal also shows: left out",
    ]
    assert printed(row, width=45)[-1] == "a wider terminal also shows: mean, left out"
    assert printed(row, width=30) == [
        "point    verdict",
        "width=8  undecided (40 seeds)",
        "a wider terminal also shows:",
        "mean, difference, left out",
    ]


def test_names_fold_at_blanks_before_a_column_goes() -> None:
    row = ("conv_depth=4 width=8 pooling=flatten", "0.500", "+0.125", "helps", "")
    assert printed(row, width=56) == [
        "point                          mean  difference  verdict",
        "conv_depth=4 width=8          0.500      +0.125  helps",
        "  pooling=flatten",
    ]


def test_a_word_folds_only_before_an_important_column_goes() -> None:
    row = ("pooling=global_average_of_all", "0.500", "+0.125", "undecided (over 1,000 seeds)", "")
    assert printed(row, width=60) == [
        "point               difference  verdict",
        "pooling=                +0.125  undecided (over 1,000 seeds)",
        "  global_average_",
        "  of_all",
        "a wider terminal also shows: mean",
    ]


def test_a_verdict_is_never_cut_or_folded_and_no_line_is_too_long_if_there_is_room() -> None:
    draw = random.Random(0)
    verdicts = ("undecided (over 1,000 seeds)", "helps, within the margin", "no test: 1 seed")
    for _ in range(200):
        names = [" ".join(one_factor(draw) for _ in range(draw.randint(1, 8))) for _ in verdicts]
        rows = [
            (name, "−1.2345e−06", "+1.234e−06", verdict, "3") for name, verdict in zip(names, verdicts, strict=True)
        ]
        width = draw.choice((50, 60, 80))
        lines = printed(*rows, width=width)
        assert max(map(len, lines)) <= width
        assert all(sum(verdict in line for line in lines) == 1 for verdict in verdicts)
        for name in names:
            parts = folded(name, width // 3)
            assert "".join("".join(parts).split()) == "".join(name.split())
            assert max(map(len, parts)) <= width // 3


def test_clauses_fold_after_a_comma_before_a_word_of_a_name_does() -> None:
    columns = (Column("point", "name"), Column("difference", rank=1), Column("verdict", "clauses"))
    row = ("coordinates=everywhere", "+0.125", "undecided (10 seeds), learned 3 of 5")
    assert printed(row, columns=columns, width=72)[1] == f"{row[0]}      {row[1]}  {row[2]}"
    assert printed(row, columns=columns, width=57) == [
        "point                   difference  verdict",
        "coordinates=everywhere      +0.125  undecided (10 seeds),",
        "                                      learned 3 of 5",
    ]
    assert printed(row, columns=columns, width=20)[1].endswith("  undecided (10 seeds),")


def one_factor(draw: random.Random) -> str:
    return f"{'factor_' * draw.randint(1, 9)}={draw.randint(1, 10**9)}"


def test_what_always_stays_is_wider_than_a_tiny_terminal_but_whole() -> None:
    row = ("a=1", "0.5", "", "undecided (over 1,000 seeds)", "")
    assert printed(row, width=20)[1].startswith("a=1    undecided (over 1,000 seeds)")


def test_the_width_of_a_letter_is_that_on_the_screen() -> None:
    wide, narrow = printed(("層数=4", "1", "", "helps", ""), ("width=4", "2", "", "hurts", ""))[1:]
    assert wide == "層数=4      1  helps"
    assert narrow == "width=4     2  hurts"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one", 2, ["on", "e"]),
        ("pooling=global_average", 14, ["pooling=", "global_average"]),
        ("a_long_name=1 b=2", 12, ["a_long_name=", "1 b=2"]),
        ("", 5, []),
    ],
)
def test_a_text_folds_at_blanks_and_a_long_word_after_its_marks(text: str, width: int, lines: list[str]) -> None:
    assert folded(text, width) == lines
