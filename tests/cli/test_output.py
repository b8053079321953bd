"""What commands print: JSON and tables."""

import json

import pytest
from rich.console import Console

from study.cli import output
from study.cli.output import print_json, print_lines, print_rows
from study.text_table import Column


def test_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(value := {"study": "a", "cells": 2, "hours": None})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == value


def test_names_stand_left_and_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("factor", "name"), Column("level", "text"), Column("n"))
    print_rows(columns, [("depth", "three", 3), ("w", "sixteen", None)])
    assert capsys.readouterr().out.splitlines() == [
        "factor  level    n",
        "depth   three    3",
        "w       sixteen",
    ]


def test_a_table_is_printed_without_colours_and_with_what_a_user_writes(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows((Column("a", "name"), Column("b")), [("[red]x\x1b[31m", 1.5), ("two\nlines", 2)])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.splitlines() == ["a            b", "[red]x     1.5", "two lines    2"]


def test_a_file_gets_whole_lines_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(line := "word " * 300, "short")
    print_rows((Column("a", "name"), Column("b", rank=1)), [("factor=1 " * 100, "x" * 200)])
    long, short, _, row = capsys.readouterr().out.splitlines()
    assert (long, short) == (line, "short")
    assert row == f"{'factor=1 ' * 100}  {'x' * 200}"


def test_a_terminal_gets_lines_that_break_at_blanks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", lambda: Console(width=30))
    print_lines("one two three four five six seven eight")
    assert capsys.readouterr().out == "one two three four five six\nseven eight\n"


def test_no_line_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines()
    assert capsys.readouterr().out == ""
