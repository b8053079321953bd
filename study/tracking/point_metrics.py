"""What a study's parent run shows of its points: mean, 95 % interval and seeds of each, and curves over levels."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from study.inference.cell_table import around_baseline, comparable, isolated, objective_name
from study.inference.columns import level_column
from study.inference.effects import Summary, summary
from study.space.factor import Factor
from study.space.trial import UNFINISHED
from study.task import Level
from study.tracking.mlflow_names import in_section, mlflow_name, point_name, six_digits

MOST_POINTS = 250
"""Of a study with more points, only the curves over levels are shown. MLflow's page of a run is slow with more."""


class Shown(NamedTuple):
    """A number that MLflow shows under a name, at a step."""

    name: str
    step: int
    value: float


def is_numeric(factor: Factor) -> bool:
    """Whether the levels of a factor are numbers, so that it may be an axis."""
    return not isinstance(factor.levels, tuple) or all(map(_is_number, factor.levels))


def _is_number(level: Level) -> bool:
    return isinstance(level, int | float) and not isinstance(level, bool)


def point_metrics(table: pd.DataFrame, factors: Sequence[Factor]) -> list[Shown]:
    """Returns the numbers of every point with a complete comparable cell, and of each numeric factor's curve."""
    rows = summary(table)
    if not rows:
        return []
    metric = objective_name(table)
    shown = _of_points(rows, metric) if len(rows) <= MOST_POINTS else iter(())
    curves = (_curve(table, rows, factor, metric) for factor in factors if _has_curve(table, factor))
    return [*shown, *(one for curve in curves for one in curve)]


def _of_points(rows: Sequence[Summary], metric: str) -> Iterator[Shown]:
    for row in rows:
        name = point_name(row.point)
        for what, value in _numbers(row).items():
            yield Shown(in_section(mlflow_name(f"{metric} {what}"), name), 0, value)
        yield Shown(in_section(mlflow_name(f"{metric} seeds"), name), 0, row.seeds)


def _numbers(row: Summary) -> dict[str, float]:
    """Returns the mean and its interval. A single seed has no interval."""
    numbers = {"mean": row.mean, "low": row.low, "high": row.high}
    return {what: six_digits(value) for what, value in numbers.items() if math.isfinite(value)}


def _has_curve(table: pd.DataFrame, factor: Factor) -> bool:
    """Whether the factor is numeric and was varied alone, at more than one level."""
    column = level_column(factor.name)
    return is_numeric(factor) and column in table and table[column].nunique() > 1 and isolated(table, factor.name)


def _curve(table: pd.DataFrame, rows: Sequence[Summary], factor: Factor, metric: str) -> Iterator[Shown]:
    """Yields mean and interval at each level. A step is a whole number, so other levels count from 1, in order.

    A level whose cells have not all ended is left out, because MLflow keeps every value that a curve ever had.
    """
    around = around_baseline(comparable(table), [factor.name])
    cells = around.drop_duplicates("point")
    unfinished = set(around.loc[around["state"].isin(UNFINISHED), "point"])
    levels = dict(zip(cells["point"], pd.to_numeric(cells[level_column(factor.name)]), strict=True))
    whole = all(float(level).is_integer() for level in levels.values())
    steps = {level: int(level) if whole else place for place, level in enumerate(sorted(set(levels.values())), start=1)}
    section = mlflow_name(f"{metric} by {factor.name}" if whole else f"{metric} by {factor.name} in order")
    for row in rows:
        if row.point in levels and row.point not in unfinished:
            for what, value in _numbers(row).items():
                yield Shown(in_section(section, what), steps[levels[row.point]], value)
