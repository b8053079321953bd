"""What an objective costs: points that are the best of something, weighed against what their cells need."""

from collections.abc import Sequence

import pandas as pd

from study.inference.cell_table import comparable, complete
from study.inference.columns import metric_column
from study.inference.intervals import means
from study.space.objective import COSTS, Direction, Objective
from study.space.pareto_front import front


def pareto(table: pd.DataFrame, objectives: Sequence[Objective]) -> list[str]:
    """The Pareto front of the points, by means over comparable cells; the best by the first objective first."""
    names = [name if (name := metric_column(o.metric)) in table else o.metric for o in objectives]
    means = complete(comparable(table)).groupby("point", sort=False)[names].mean()
    means = means.iloc[front(means.to_numpy().tolist(), objectives)]
    best = means.sort_values(names[0], ascending=objectives[0].direction == "minimize")
    return [str(point) for point in best.index]


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """A row a comparable point: the mean of the objective with its interval, and what a cell of it costs on average."""
    cells = complete(comparable(table))
    known = [name for name in COSTS if name in cells and cells[name].notna().any()]
    return means(cells, by=["point"]).join(cells.groupby("point")[known].mean(), on="point")


def worth(points: pd.DataFrame, *, cost: str, direction: Direction) -> "pd.Series[bool]":
    """Which rows of `costs` are worth this cost: no other is as good for as little, and better in one of the two."""
    known = points.loc[points[cost].notna(), ["mean", cost]]
    places = front(known.to_numpy().tolist(), (Objective("mean", direction), Objective(cost, "minimize")))
    return pd.Series(points.index.isin(known.index[places]), index=points.index, dtype=bool)
