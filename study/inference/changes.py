"""What each point of a table changes of the baseline.

A table records it in a column. A table that was exported before that column existed tells it by its levels, if they
make the label that the point has, else by that label alone.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from study.errors import InferenceError
from study.inference.columns import CHANGES, LEVEL, with_prefix
from study.space.trial import BASELINE, label
from study.task import Level, describe

Changes = dict[str, str]
"""Factor → level, as a person writes it. The baseline changes nothing."""


def changes(table: pd.DataFrame) -> dict[str, Changes]:
    """Returns what each point changes, by the point's label, in the table's order."""
    rows = table.drop_duplicates("point")
    recorded = rows[CHANGES] if CHANGES in rows else [None] * len(rows)
    made = {str(point): _recorded(text) for point, text in zip(rows["point"], recorded, strict=True)}
    derived = dict(_derived(rows)) if None in made.values() else {}
    return {point: derived[point] if change is None else change for point, change in made.items()}


def with_changes(table: pd.DataFrame, points: Mapping[str, Changes]) -> pd.DataFrame:
    """Returns the table with each point called by its changes here, which it also records; keys are labels so far."""
    labels = {point: label(change) for point, change in points.items()}
    texts = {point: json.dumps(change) for point, change in points.items()}
    return table.assign(point=table["point"].map(labels), **{CHANGES: table["point"].map(texts)})


def from_label(text: str, *, factors: Collection[str] = ()) -> Changes:
    """Returns what a label says: `conv_depth=2 pooling=flatten`; `baseline` changes nothing.

    A level that holds a blank and `=` is read right if it is quoted, as `label` does it, or if all factors are given.
    """
    if text == BASELINE:
        return {}
    written = [form for factor in factors for form in (factor, label({factor: 0}).removesuffix("=0"))]
    name = "|".join(map(re.escape, written)) or _NAME
    following = re.compile(rf" (?=(?:{name})=)")
    return dict(_parts(text, following))


_NAME = r'[^\s="]+|"(?:[^"\\]|\\.)+"'
"""A factor's name in a label: as it is, or quoted."""


def _parts(text: str, following: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    while text:
        factor, rest = _quoted(text, end="=") or (text.partition("=")[0], text.partition("=")[2])
        level, text = _quoted(rest, end=" ") or _unquoted(rest, following)
        yield factor, level


def _quoted(text: str, *, end: str) -> tuple[str, str] | None:
    """Returns the quoted text at the beginning, and what follows after `end`. None if the text does not begin so."""
    if not text.startswith('"'):
        return None
    try:
        quoted, stop = json.JSONDecoder().raw_decode(text)
    except ValueError:  # A label of before texts were quoted.
        return None
    return (quoted, text[stop + 1 :]) if text[stop : stop + 1] in ("", end) else None


def _unquoted(text: str, following: re.Pattern[str]) -> tuple[str, str]:
    # A level may contain blanks, so a change ends only where the next one begins.
    level, *rest = following.split(text, maxsplit=1)
    return level, "".join(rest)


def _recorded(text: object) -> Changes | None:
    """Returns what the column says; None if it says nothing."""
    return dict(_parsed(text)) if isinstance(text, str) and text else None


@lru_cache(maxsize=100_000)  # A study of thousands of points asks for all of them dozens of times.
def _parsed(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(factor), describe(level)) for factor, level in json.loads(text).items())
    except (ValueError, AttributeError):
        raise InferenceError(f'column {CHANGES} must hold JSON as {{"width": 8}}, not {text!r}') from None


def _derived(rows: pd.DataFrame) -> Iterator[tuple[str, Changes]]:
    """Yields each point with what its levels say, or its label."""
    columns = with_prefix(rows, LEVEL)
    levels = [{f: _written(row[column]) for f, column in columns.items()} for row in rows.to_dict("records")]
    points = [str(point) for point in rows["point"]]
    baseline = levels[points.index(BASELINE)] if BASELINE in points else None
    for point, own in zip(points, levels, strict=True):
        differing = {f: text for f, text in own.items() if baseline is not None and text != baseline[f]}
        yield point, _in_order(point, differing) or from_label(point, factors=_known(point, columns))


def _in_order(point: str, change: Changes) -> Changes | None:
    """Returns the changes in the order in which they make this label; None if they do not."""
    # A label of before levels were quoted has the level as it is.
    parts = {f: (f"{label({f: level})} ", f"{f}={level} ") for f, level in change.items()}
    made: Changes = {}
    rest = f"{point} "
    while rest:
        fitting = ((f, part) for f, both in parts.items() if f not in made for part in both if rest.startswith(part))
        factor, part = next(fitting, ("", ""))
        if not part:
            return None
        made[factor] = change[factor]
        rest = rest.removeprefix(part)
    return made if made.keys() == change.keys() else None


def _known(point: str, columns: Iterable[str]) -> list[str]:
    """Returns the factors if the label begins with one of them, so that they may part it."""
    factors = list(columns)
    return factors if any(point.startswith(f"{factor}=") for factor in factors) else []


def _written(level: Any) -> str:
    plain: Level = level.item() if isinstance(level, np.generic) else level
    return describe(plain)
