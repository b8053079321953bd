"""Cells that did not all run alike: with other backends, devices, threads, versions or code, which change results."""

from collections.abc import Sequence

import pandas as pd

from study.inference.cell_table import comparable, complete
from study.inference.columns import CODE, ENVIRONMENT, VERSION, with_prefix
from study.space.trial import BASELINE


def mixture(table: pd.DataFrame) -> dict[str, list[str]]:
    """What differs between the complete cells: its name → its values; empty where all ran alike."""
    values = {name: _values(complete(table)[column]) for name, column in _columns(table).items()}
    return {name: several for name, several in values.items() if len(several) > 1}


def confounded(table: pd.DataFrame) -> dict[str, list[str]]:
    """The variants that share nothing with the baseline in some part of their environment, and these parts.

    What such a variant does cannot be told from what its environment does: no comparison of it holds.
    """
    groups = {str(point): cells for point, cells in complete(comparable(table)).groupby("point", sort=False)}
    baseline = groups.pop(BASELINE, None)
    if baseline is None:
        return {}
    found = {point: disjoint_environments(cells, baseline) for point, cells in groups.items()}
    return {point: names for point, names in found.items() if names}


def disjoint_environments(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """In which parts of their environment two groups of cells share nothing."""

    def disjoint(column: str) -> bool:
        here, there = set(_values(ours[column])), set(_values(theirs[column]))
        return bool(here and there) and not here & there

    return [name for name, column in _columns(ours).items() if disjoint(column)]


def unbalanced(groups: Sequence[pd.DataFrame], weights: Sequence[float]) -> list[str]:
    """In which parts of their environment a group shares nothing with those that a weighted sum sets against it.

    One such group is enough to make an effect of what its device does. A group at weight 0 counts for nothing.
    """
    plus, minus = (
        [group for group, weight in zip(groups, weights, strict=True) if sign * weight > 0] for sign in (1, -1)
    )
    pairs = ((plus, pd.concat(minus)), (minus, pd.concat(plus)))
    return list(
        dict.fromkeys(name for ours, theirs in pairs for group in ours for name in disjoint_environments(group, theirs))
    )


def mixture_sentence(table: pd.DataFrame) -> str:
    """What a reader must know of the mixture, and of what it makes unknowable; empty where all ran alike."""
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
    """What a reader calls each part of the environment that the table records, and its column."""
    return {name: name for name in (*ENVIRONMENT, CODE) if name in table} | with_prefix(table, VERSION)


def _values(column: "pd.Series") -> list[str]:
    known = column[column != ""].dropna()
    # Whole threads become 2.0 where another cell has none.
    return list(dict.fromkeys(f"{value:g}" if isinstance(value, float) else str(value) for value in known))
