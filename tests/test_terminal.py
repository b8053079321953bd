"""Durations, numbers and lines as a terminal shows them."""

import io
import math
import sys

import pytest

from study.terminal import Digits, console, duration, large_number, number, wrapped


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
    assert digits.interval(2.2e-06, 2.8e-06) == "2.200e−06 to 2.800e−06"
    assert digits.interval(math.nan, math.nan) == ""


def test_a_number_keeps_the_decimals_of_its_table() -> None:
    assert number(0.5, decimals=4) == "0.5000"
    assert number(0.0003, decimals=4) == "0.0003"
    assert number(0.00003, decimals=4) == "3.00e−05"


def test_a_file_is_written_without_wrapped_lines(capsys: pytest.CaptureFixture[str]) -> None:
    line = " ".join(["word"] * 40)
    console().print(line)
    assert capsys.readouterr().out == f"{line}\n"


class Terminal(io.StringIO):
    """A terminal as standard output."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Terminal:
    """Make standard output a terminal, with these variables of the environment."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "72", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", screen := Terminal())
    return screen


def test_a_terminal_has_a_width_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    assert console().width == 72
    console().print("[green]helps[/]")
    assert screen.getvalue() == "\x1b[32mhelps\x1b[0m\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_no_codes(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, **{name: value})
    console().print("[green]helps[/] [bold]point[/] [dim]undecided[/]")
    assert screen.getvalue() == "helps point undecided\n"


def test_a_file_gets_no_colours_even_if_they_are_forced(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console().print("[green]helps[/]")
    assert capsys.readouterr().out == "helps\n"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three four", 20, ["one two three four"]),
        ("one two three four five six", 20, ["one two three four", "five six"]),
        ("  one two three four five", 20, ["  one two three four", "  five"]),
        ("first\nsecond two three four five", 20, ["first", "second two three", "four five"]),
        (
            "see /a/path/that/is/much/longer/than/a/line now",
            20,
            ["see", "/a/path/that/is/much/longer/than/a/line", "now"],
        ),
        ("a re-run of well-known words", 20, ["a re-run of", "well-known words"]),
        ("one two three", 5, ["one two three"]),
        ("", 20, [""]),
    ],
)
def test_a_line_breaks_at_blanks_and_a_path_stays_whole(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width).split("\n") == lines
