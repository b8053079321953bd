"""Cells that did not all run alike: their backends, devices, threads, versions, code or data differ, and so results."""

from collections.abc import Sequence

import pandas as pd

from study.inference.cell_table import comparable, complete
from study.inference.columns import CODE, DATA, ENVIRONMENT, VERSION, with_prefix
from study.space.trial import BASELINE

_DIGITS = 12
"""Characters of a fingerprint that a reader is shown."""


def mixture(table: pd.DataFrame) -> dict[str, list[str]]:
    """Returns what differs between the complete cells, by name, with its values; empty if all cells ran alike."""
    cells = complete(table)
    values = {name: _values(cells[column]) for name, column in _columns(table).items()}
    return {name: several for name, several in values.items() if len(several) > 1} | _data_of_one_point(cells)


def _data_of_one_point(cells: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the data sets of points whose cells have several. Points may differ, because a factor may be of the data.

    A ledger takes no such cell. A table of an earlier version may have some.
    """
    if DATA not in cells or len(_values(cells[DATA])) < 2:
        return {}
    by_point = (_values(group) for _, group in cells.groupby("point", sort=False)[DATA])
    several = dict.fromkeys(text[:_DIGITS] for data in by_point if len(data) > 1 for text in data)
    return {DATA: list(several)} if several else {}


def confounded(table: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the variants that share nothing with the baseline in some part of their environment, with these parts.

    The effect of such a variant cannot be told from the effect of its environment. No comparison of it holds.
    """
    cells = complete(comparable(table))
    apart = {name: _points_apart(cells, column) for name, column in _columns(table).items()}
    found = {
        str(point): [name for name, points in apart.items() if point in points] for point in cells["point"].unique()
    }
    return {point: names for point, names in found.items() if names}


def _points_apart(cells: pd.DataFrame, column: str) -> set[str]:
    """Returns the points that share no value of this column with the baseline. Unknown values do not count."""
    # Most often all cells have the same one, and a study may have thousands of points.
    if len(_values(cells[column])) < 2:
        return set()
    by_point = {str(point): set(_values(group)) for point, group in cells.groupby("point", sort=False)[column]}
    baseline = by_point.get(BASELINE, set())
    return {point for point, values in by_point.items() if values and baseline and not values & baseline}


def disjoint_environments(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """Returns the parts of the environment in which two groups of cells share nothing."""

    def disjoint(column: str) -> bool:
        here, there = set(_values(ours[column])), set(_values(theirs[column]))
        return bool(here and there) and not here & there

    return [name for name, column in _columns(ours).items() if disjoint(column)]


def unbalanced(groups: Sequence[pd.DataFrame], weights: Sequence[float]) -> list[str]:
    """Returns the parts of the environment in which a group shares nothing with the groups of the other sign.

    The groups are summed with these weights. One such group is enough to turn a difference of devices into an effect.
    A group of weight 0 does not count.
    """
    if not mixture(pd.concat(groups)):
        return []
    plus, minus = (
        [group for group, weight in zip(groups, weights, strict=True) if sign * weight > 0] for sign in (1, -1)
    )
    pairs = ((plus, pd.concat(minus)), (minus, pd.concat(plus)))
    return list(
        dict.fromkeys(name for ours, theirs in pairs for group in ours for name in disjoint_environments(group, theirs))
    )


def mixture_sentence(table: pd.DataFrame) -> str:
    """Tells a reader what did not run alike, and which effects are unknown because of it. Empty if all ran alike."""
    mixed = mixture(table)
    if not mixed:
        return ""
    parts = (f"{name} {', '.join(values)}" for name, values in mixed.items())
    said = f"Not all ran alike: {'; '.join(parts)}."
    if not (lost := confounded(table)):
        return said
    names = ", ".join(dict.fromkeys(name for names in lost.values() for name in names))
    points = f"{', '.join(list(lost)[:4])}{' …' * (len(lost) > 4)}"
    return f"{said} Confounded: {points} shared no {names} with the baseline; more seeds for all would tell them apart."


def _columns(table: pd.DataFrame) -> dict[str, str]:
    """Returns the parts of the environment that the table records, by the name a reader knows, each with its column."""
    return {name: name for name in (*ENVIRONMENT, CODE) if name in table} | with_prefix(table, VERSION)


def _values(column: "pd.Series") -> list[str]:
    recorded = column[column != ""].dropna()
    # A whole number of threads becomes 2.0 if another cell has none.
    return list(dict.fromkeys(f"{value:g}" if isinstance(value, float) else str(value) for value in recorded.unique()))
