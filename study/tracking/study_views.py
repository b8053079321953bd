"""The two saved views of a study in MLflow: its points, with their means over seeds, and all of its runs."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from study.space.search_space import SearchSpace
from study.tracking.experiment import TRIAL_TAG
from study.tracking.metric_names import MetricNames
from study.tracking.mlflow_names import milliseconds, mlflow_name
from study.tracking.point_metrics import is_numeric
from study.tracking.saved_view import MOST, PAGE, Axis, Chart, SavedView, bars, curves, parallel, scatter
from study.tracking.trial_run import SEED_TAG

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

POINTS, ALL_RUNS = "study-points", "study-all-runs"
"""How the views are called in addresses."""
_TRIALS = f"tags.`{TRIAL_TAG}` != ''"
"""A condition that leaves out the parent run."""


class ShownCell(NamedTuple):
    """What the views need to know of a cell."""

    point: str
    phase: str
    state: str


def save_views(client: "MlflowClient", experiment: str, space: SearchSpace, cells: Sequence[ShownCell]) -> None:
    """Save both views in a study's experiment. `cells` are all cells of the study so far."""
    now = milliseconds(time.time())
    for view in (points_view(space, cells), all_runs_view(space)):
        text = view.text(now)
        # With very many points, each group shows its runs at first.
        client.set_experiment_tag(
            experiment, view.tag, text if len(text) <= MOST else replace(view, groups=()).text(now)
        )


def view_address(pages: str, experiment: str, view: str) -> str:
    """Returns the address of a view. `pages` is where MLflow's pages are."""
    # Without the last part MLflow may open its pages for language models.
    query = {"viewStateShareKey": view, "compareRunsMode": "CHART", "workflowType": "machine_learning"}
    return f"{pages}/#/experiments/{experiment}/runs?{urlencode(query)}"


def points_view(space: SearchSpace, cells: Sequence[ShownCell] = ()) -> SavedView:
    """Returns the view of the points: a group for each, with the mean of its complete seeds, the best first.

    If not all seeds are loaded at first, the first seeds of all points are.
    """
    counted = MetricNames.of(space).counted
    # A search's own values are left out, as in every table: chance chose the best of them.
    phase = " AND tags.phase = 'confirm'" if _confirmed(cells) else ""
    by_seed = loads_some_seeds(cells)
    return SavedView(
        key=POINTS,
        name="points",
        condition=f"{_TRIALS} AND tags.state = 'complete'{phase}",
        order_by=f"tags.`{SEED_TAG}`" if by_seed else f"metrics.`{counted}`",
        ascending=by_seed or space.objective.sign < 0,
        columns=_columns(space, counted),
        charts=[*_point_charts(space, counted)],
        group_by="point",
        groups=list(dict.fromkeys(cell.point for cell in cells)),
    )


def all_runs_view(space: SearchSpace) -> SavedView:
    """Returns the view of all runs, one by one: a line for each through its levels, and a dot for each factor."""
    counted = MetricNames.of(space).counted
    return SavedView(
        key=ALL_RUNS,
        name="all runs",
        condition=_TRIALS,
        order_by=f"metrics.`{counted}`",
        ascending=space.objective.sign < 0,
        columns=[*_columns(space, counted), f"tags.`{SEED_TAG}`", "tags.`state`"],
        charts=[parallel(_params(space), [counted]), *_scatters(space, counted)],
    )


def loads_some_seeds(cells: Sequence[ShownCell]) -> bool:
    """Whether the view of the points loads only some seeds of a point at first, because it would show too many runs.

    Sorted by the objective, these would be the point's best seeds, and their mean too good.
    """
    confirmed = _confirmed(cells)
    shown = [cell.point for cell in cells if cell.state == "complete" and (not confirmed or cell.phase == "confirm")]
    return len(shown) > PAGE and len(set(shown)) < len(shown)


def _confirmed(cells: Sequence[ShownCell]) -> bool:
    """Whether a search has confirmed points."""
    return any(cell.phase == "confirm" and cell.state == "complete" for cell in cells)


def _point_charts(space: SearchSpace, counted: str) -> Iterator[Chart]:
    numeric = [*_scatters(space, counted)]
    if len(numeric) == len(space.factors) and (len(numeric) == 1 or space.design.kind in ("dose", "sweep")):
        yield from numeric
    else:
        yield bars(counted, f"{counted} by point")
    metric = mlflow_name(space.objective.metric)
    yield curves(metric) if space.fidelity.epochs > 1 else bars(metric, f"{metric} by point")
    yield scatter(Axis("parameters"), Axis(counted))


def _scatters(space: SearchSpace, counted: str) -> Iterator[Chart]:
    for factor in space.factors:
        if is_numeric(factor):
            yield scatter(Axis(mlflow_name(factor.name), is_param=True), Axis(counted))


def _params(space: SearchSpace) -> list[str]:
    return [mlflow_name(factor.name) for factor in space.factors]


def _columns(space: SearchSpace, counted: str) -> list[str]:
    metrics = [f"metrics.`{name}`" for name in (counted, "parameters", "seconds")]
    return [*metrics, *(f"params.`{name}`" for name in _params(space))]
