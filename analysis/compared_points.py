"""Which points a figure of models compares, because it cannot show all of them, and how it names them."""

from collections.abc import Sequence

import pandas as pd

from analysis.drawing.labels import factor_label, level_label, level_text, point_label
from analysis.drawing.level_axis import as_numbers
from analysis.drawing.source import FigureError
from analysis.factors import drawable
from study.inference import cell_table, intervals
from study.inference.changes import Changes, changes, from_label
from study.inference.columns import level_column
from study.inference.ranking import best_first
from study.space.hints import some
from study.space.trial import BASELINE


def compared_points(table: pd.DataFrame, *, factor: str | None = None, asked: Sequence[str] = ()) -> list[str]:
    """Returns the labels of the points: those asked for, or the ends of the one factor, or the baseline and the best.

    The one factor is the one given or the only one that varies. It has ends if its levels are numbers. Raises
    FigureError if there is no such point or factor.
    """
    if asked:
        return list(dict.fromkeys(_asked(table, text) for text in asked))
    cells = cell_table.complete(cell_table.comparable(table))
    factors = drawable(table)
    if factor is not None and factor not in factors:
        others = ", ".join(factors) or "none"
        name = table["study"].iloc[0]
        raise FigureError(f"{name}: {factor!r} has no two levels with complete cells; those that have: {others}")
    one = factor or (factors[0] if len(factors) == 1 else None)
    alone = {point: change for point, change in changes(cells).items() if one is None or change.keys() <= {one}}
    return (_ends(table, alone, one) if one else []) or _baseline_and_best(cells[cells["point"].isin(alone)])


def point_names(table: pd.DataFrame, points: Sequence[str]) -> list[str]:
    """Returns the points for readers: by the level of a factor if all differ in this factor alone."""
    every = changes(table)
    varied = {factor for point in points for factor in every[point]}
    if len(varied) != 1:
        return [point_label(every[point]) for point in points]
    (factor,) = varied
    levels = [every[point].get(factor, _baseline_levels(table).get(factor)) for point in points]
    return [BASELINE if level is None else f"{factor_label(factor)}: {level_label(level)}" for level in levels]


def _asked(table: pd.DataFrame, text: str) -> str:
    """Returns the label of the point that a user means. Levels of the baseline may be named, too, in any order."""
    every, levels = changes(table), _baseline_levels(table)
    given = from_label(text, factors=list(levels))
    change = {factor: level for factor, level in given.items() if levels.get(factor) != level}
    for point, own in every.items():
        if point == text or own == change:
            return point
    near = [point for point, own in every.items() if own.keys() & given.keys()] or list(every)
    raise FigureError(f"{table['study'].iloc[0]}: no point {text!r}; there are {some(near)}")


def _baseline_levels(table: pd.DataFrame) -> Changes:
    """Returns the level of each factor at the baseline; empty if the table does not have it."""
    rows = table[table["point"] == BASELINE].head(1)
    factors = [factor for factor in cell_table.varied(table) if level_column(factor) in rows]
    return {factor: level_text(rows[level_column(factor)].iloc[0]) for factor in factors if len(rows)}


def _ends(table: pd.DataFrame, alone: dict[str, Changes], factor: str) -> list[str]:
    """Returns the points with the smallest and the largest number; none if the levels are names."""
    own = _baseline_levels(table).get(factor)
    levels = {point: level for point, change in alone.items() if (level := change.get(factor, own)) is not None}
    numbers = as_numbers(levels.values())
    if numbers is None or len(numbers) < 2:
        return []
    ordered = sorted(zip(numbers, levels, strict=True))
    return [ordered[0][1], ordered[-1][1]]


def _baseline_and_best(cells: pd.DataFrame) -> list[str]:
    """Returns the baseline, if it is there, and the best of these points."""
    means = intervals.means(cells, by=["point"])
    best = str(best_first(means, direction=cell_table.direction(cells))["point"].iloc[0])
    return list(dict.fromkeys([BASELINE, best] if BASELINE in set(means["point"]) else [best]))
