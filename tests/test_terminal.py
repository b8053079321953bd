"""Durations, large numbers and plain tables as a terminal shows them."""

import io
import math

import pytest
from rich.console import Console

from study.terminal import console, duration, large_number, plain_table


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (3.14, "3.1 s"),
        (45.4, "45 s"),
        (100, "2 min"),
        (5999, "100 min"),
        (6000, "1.7 h"),
        (12_600, "3.5 h"),
    ],
)
def test_a_duration_has_the_unit_that_suits_its_size(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1_500, "1.5 k"), (2_000_000, "2 M"), (5.2e9, "5.2 G"), (3e12, "3 T")],
)
def test_a_large_number_has_a_unit(number: float, text: str) -> None:
    assert large_number(number) == text


@pytest.mark.parametrize("number", [None, math.nan, math.inf])
def test_a_number_that_is_not_there_is_an_empty_text(number: float | None) -> None:
    assert large_number(number) == ""


def printed(*rows: tuple[object, ...], text_columns: int = 1) -> str:
    stream = io.StringIO()
    Console(file=stream, width=80).print(plain_table(("name", "value"), rows, text_columns=text_columns))
    return stream.getvalue()


def test_texts_stand_on_the_left_and_numbers_on_the_right() -> None:
    assert printed(("a", 5), ("long name", 12_345)) == "name       value\na              5\nlong name  12345\n"
    assert printed(("a", 5), text_columns=2).splitlines()[1] == "a     5    "


def test_none_is_an_empty_cell_and_no_cell_is_read_as_markup() -> None:
    assert printed(("[bold]a", None)).splitlines()[1].rstrip() == "[bold]a"


def test_a_file_is_written_without_wrapped_lines(capsys: pytest.CaptureFixture[str]) -> None:
    line = " ".join(["word"] * 40)
    console().print(line)
    assert capsys.readouterr().out == f"{line}\n"
