"""What commands print: JSON and tables."""

import json

import pytest

from study.cli.output import print_json, print_rows, print_table
from study.terminal import plain_table


def test_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(value := {"study": "a", "cells": 2, "hours": None})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert json.loads(out) == value


def test_texts_stand_left_and_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("depth", "three", 3), ("w", "sixteen", 16)]
    print_rows(("factor", "level", "n"), rows, text_columns=2)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "factor  level     n",
        "depth   three     3",
        "w       sixteen  16",
    ]


def test_a_table_is_printed_without_colours(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(plain_table(("a", "b"), [("[red]x", 1.5)]))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[red]x" in out
