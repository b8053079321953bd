"""Points weighed by several objectives, or by the objective and its cost."""

from collections.abc import Sequence

import pandas as pd

from study.inference.cell_table import comparable, complete
from study.inference.columns import metric_column
from study.inference.intervals import means
from study.space.objective import COSTS, Direction, Objective
from study.space.pareto_front import front


def pareto(table: pd.DataFrame, objectives: Sequence[Objective]) -> list[str]:
    """Returns the Pareto front of the points, by means over comparable cells, sorted by the first objective."""
    names = [name if (name := metric_column(o.metric)) in table else o.metric for o in objectives]
    means = complete(comparable(table)).groupby("point", sort=False)[names].mean()
    means = means.iloc[front(means.to_numpy().tolist(), objectives)]
    best = means.sort_values(names[0], ascending=objectives[0].direction == "minimize")
    return [str(point) for point in best.index]


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a row per comparable point: the mean of the objective with its interval, and the mean costs of a cell."""
    cells = complete(comparable(table))
    recorded = [name for name in COSTS if name in cells and cells[name].notna().any()]
    return means(comparable(table), by=["point"]).join(cells.groupby("point")[recorded].mean(), on="point")


def worth(points: pd.DataFrame, *, cost: str, direction: Direction) -> "pd.Series[bool]":
    """Marks the rows of `costs` that no other row beats: none is as good and as cheap, and better in one of both."""
    rows = points.loc[points[cost].notna(), ["mean", cost]]
    best = front(rows.to_numpy().tolist(), (Objective("mean", direction), Objective(cost, "minimize")))
    return pd.Series(points.index.isin(rows.index[best]), index=points.index, dtype=bool)
