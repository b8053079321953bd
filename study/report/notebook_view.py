"""A study as Python shows it: its answer, and a row for each point with its verdict, as text or as HTML."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from study.terminal import Digits

_DIFFERENCE = ("difference", "difference_low", "difference_high")
_DECIDED = ("helps", "hurts")
"""The verdicts that stand out in bold."""


def text_view(heading: str, summary: pd.DataFrame, verdicts: Mapping[str, str], below: Sequence[str]) -> str:
    """Returns the lines of a terminal: the heading, a row for each point, and the sentences below.

    `summary` has a row for each point, as `Study.summary`. `verdicts` has the words of each point that has a verdict.
    """
    rows = _with_verdicts(summary, verdicts)
    return "\n".join([heading, rows.to_string(index=False, **_formats(rows)), *below])


def html_view(heading: str, summary: pd.DataFrame, verdicts: Mapping[str, str], below: Sequence[str]) -> str:
    """Returns the same as HTML for a notebook's cell."""
    rows = _with_verdicts(summary, verdicts)
    formats = _formats(rows, escape=html.escape)
    formats["formatters"]["verdict"] = _html_verdict
    table = rows.to_html(index=False, border=0, escape=False, **formats)
    return "".join([html_heading(heading), table, *(f"<p>{html.escape(line)}</p>" for line in below)])


def html_heading(heading: str) -> str:
    """Returns the lines of a heading, the first one in bold."""
    first, *others = map(html.escape, heading.splitlines())
    return "".join([f"<b>{first}</b>", *(f"<br>{line}" for line in others)])


def _with_verdicts(summary: pd.DataFrame, verdicts: Mapping[str, str]) -> pd.DataFrame:
    """Returns the rows with their verdicts beside the points' names, where a narrow page shows them first."""
    rows = summary.copy()
    rows.insert(1, "verdict", [verdicts.get(point, "") for point in rows["point"]])
    return rows


def _html_verdict(words: str) -> str:
    written = html.escape(words)
    return f"<b>{written}</b>" if words.startswith(_DECIDED) else written


def _formats(rows: pd.DataFrame, *, escape: Callable[[str], str] = str) -> dict[str, Any]:
    formats: dict[str, Callable[[Any], str]] = {"point": escape, "verdict": str, "seeds": str}
    for name in ("parameters", "seconds"):
        formats[name] = "{:,.0f}".format
    for names, high in ((("mean", "low", "high"), "high"), (_DIFFERENCE, "difference_high")):
        digits = Digits.of(rows[names[0]], halves=rows[high] - rows[names[0]])
        formats |= dict.fromkeys(names, digits.show)
    return {"formatters": formats, "na_rep": ""}
