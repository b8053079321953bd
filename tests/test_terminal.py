"""Durations, large numbers and plain tables as a terminal shows them."""

import io
import math

import pytest
from rich.console import Console

from study.terminal import Digits, console, duration, large_number, number, plain_table


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


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (0.9236, 0.0031, "0.924"),
        (0.9236, 0.0005, "0.924"),
        (0.92361, 0.00031, "0.92361"),
        (0.0, 0.01, "0.000"),
        (-0.25, 0.5, "−0.250"),
        (12.3456, 3.0, "12.346"),
        (5.123e-06, 5.58e-07, "5.123e−06"),
        (922_000_981.333, 1_250_000.0, "9.2200e+08"),
        (5_123.4, 31.0, "5123"),
        (123_456.7, 0.031, "123456.700"),
        (1.5e-300, 2e-301, "1.500e−300"),
        (0.0, 5.58e-07, "0"),
        (math.nan, 0.1, ""),
        (math.inf, 0.1, "inf"),
    ],
)
def test_a_number_has_the_digits_that_its_interval_carries(value: float, half: float, text: str) -> None:
    assert Digits.of([value], halves=[half]).show(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.92361, "0.924"), (0.0, "0.000"), (6.1234e-06, "6.12e−06"), (922_000_981.3, "9.22e+08"), (12_345.6, "12346")],
)
def test_a_number_without_an_interval_shows_three_digits_at_least(value: float, text: str) -> None:
    assert number(value) == text
    assert Digits.of([value], halves=[0.0, math.nan]).show(value) == text


def test_a_tables_numbers_end_at_the_same_digit() -> None:
    digits = Digits.of([2.5e-06, 1.25e-05], halves=[3e-07, 4e-07, math.nan])
    assert [digits.show(value, signed=True) for value in (2.5e-06, -1.25e-05)] == ["+2.500e−06", "−1.2500e−05"]
    assert digits.interval(2.2e-06, 2.8e-06) == "2.200e−06 … 2.800e−06"
    assert digits.interval(math.nan, math.nan) == ""


def test_a_number_keeps_the_decimals_of_its_table() -> None:
    assert number(0.5, decimals=4) == "0.5000"
    assert number(0.0003, decimals=4) == "0.0003"
    assert number(0.00003, decimals=4) == "3.00e−05"


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
