"""A study as Python shows it: with the verdict of each point."""

import math

import pandas as pd

from study.report.notebook_view import html_heading, html_view, text_view

ROW = {"seeds": 3, "mean": 0.5, "low": 0.4, "high": 0.6, "parameters": 1000.0, "seconds": 12.4}
NOTHING = dict.fromkeys(("difference", "difference_low", "difference_high"), math.nan)
SUMMARY = pd.DataFrame(
    [
        {"point": "baseline", **ROW, **NOTHING},
        {"point": "act=<b>", **ROW, "difference": 0.1, "difference_low": 0.05, "difference_high": 0.15},
        {"point": "act=a", **ROW, "difference": 0.0, "difference_low": -0.05, "difference_high": 0.05},
    ]
)
VERDICTS = {"act=<b>": "helps, within the margin", "act=a": "undecided (40 seeds)"}


def test_each_point_has_its_verdict() -> None:
    first, second, head, baseline, *rows, last = text_view("name\nanswer", SUMMARY, VERDICTS, ["a note"]).splitlines()
    assert (first, second, last) == ("name", "answer", "a note")
    assert head.split()[:3] == ["point", "verdict", "seeds"]
    assert "nan" not in baseline
    assert "helps, within the margin" in rows[0]
    assert "undecided (40 seeds)" in rows[1]


def test_a_notebook_shows_texts_of_a_user_as_texts() -> None:
    page = html_view("<name>\nanswer", SUMMARY, VERDICTS, ["a < b"])
    assert page.startswith("<b>&lt;name&gt;</b><br>answer<table")
    assert "<td>act=&lt;b&gt;</td>" in page
    assert "<td><b>helps, within the margin</b></td>" in page
    assert "<td>undecided (40 seeds)</td>" in page
    assert page.endswith("<p>a &lt; b</p>")
    assert "nan" not in page.lower()


def test_nothing_has_a_verdict_before_two_seeds_are_there() -> None:
    assert "verdict" in text_view("name", SUMMARY.head(0), {}, [])


def test_the_first_line_stands_out() -> None:
    assert html_heading("a\nb\nc") == "<b>a</b><br>b<br>c"
