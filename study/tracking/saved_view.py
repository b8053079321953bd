"""A saved view of MLflow's page about an experiment: which runs and columns it shows, and which charts.

MLflow keeps a view in one tag of the experiment and documents nothing of it. This is the format of MLflow 3.17.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TAG = "mlflow.sharedViewState."
_SECTION = "study"
_OTHERS = "Model metrics"
"""MLflow's own section of the metrics without a `/` in their names."""
MOST = 20_000
"""The most characters of the tag."""
_COLUMNS = 2
"""With three, MLflow cuts the charts' titles."""
PAGE = 100
"""How many runs the page loads at first, and the most runs or groups that a chart draws."""


def has_view(tags: Mapping[str, str], key: str) -> bool:
    """Whether an experiment with these tags has the view of this key."""
    return f"{_TAG}{key}" in tags


@dataclass(frozen=True)
class Axis:
    """What an axis shows."""

    name: str
    is_param: bool = False

    def to_json(self) -> dict[str, str]:
        """Returns the axis as MLflow writes it."""
        return {"key": self.name, "type": "PARAM" if self.is_param else "METRIC"}


@dataclass(frozen=True)
class Chart:
    """A chart of a view, by MLflow's name of its type and the values that this type needs."""

    kind: str
    title: str
    values: Mapping[str, Any]

    def to_json(self, number: int) -> dict[str, Any]:
        """Returns the chart as MLflow writes it. `number` is its place in the view."""
        return {
            "uuid": f"{_SECTION}-{number}",
            "type": self.kind,
            "runsCountToCompare": PAGE,
            "metricSectionId": _SECTION,
            "deleted": False,
            "isGenerated": False,
            "displayName": self.title,
            **self.values,
        }


def scatter(x: Axis, y: Axis) -> Chart:
    """Returns a chart with a dot for each run or group."""
    return Chart("SCATTER", f"{y.name} by {x.name}", {"xaxis": x.to_json(), "yaxis": y.to_json()})


def bars(metric: str, title: str) -> Chart:
    """Returns a chart with a bar for each run or group."""
    return Chart("BAR", title, {"metricKey": metric})


def curves(metric: str) -> Chart:
    """Returns a metric's curve of each run. Of a group, it is the mean with a band."""
    values = {
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "xAxisKey": "step",
        "scaleType": "linear",
        "xAxisScaleType": "linear",
        "lineSmoothness": 0,
        "useGlobalXaxisKey": False,
        "useGlobalLineSmoothing": False,
        "range": {},
    }
    return Chart("LINE", f"{metric} by epoch", values)


def parallel(params: Sequence[str], metrics: Sequence[str]) -> Chart:
    """Returns a chart in which each run is a line through all of these. It shows no groups."""
    values = {"selectedParams": [*params], "selectedMetrics": [*metrics], "showAllRuns": True}
    return Chart("PARALLEL", "all factors", values)


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A view under a name, and how it is found in an address."""

    key: str
    name: str
    condition: str
    """Which runs it shows, as MLflow's search takes it."""
    order_by: str
    """A column, such as ``metrics.`val_acc` ``."""
    ascending: bool
    columns: Sequence[str]
    """Such as ``params.`depth` ``."""
    charts: Sequence[Chart]
    group_by: str = ""
    """A tag. Runs that share it are a group."""
    groups: Sequence[str] = ()
    """Values of this tag whose runs the list does not show one by one at first."""

    @property
    def tag(self) -> str:
        """Returns the tag of the experiment that holds the view."""
        return f"{_TAG}{self.key}"

    def text(self, milliseconds: int) -> str:
        """Returns the value of the tag. The view was saved at this time."""
        packed = base64.b64encode(zlib.compress(json.dumps(self._state()).encode(), 9)).decode("ascii")
        times = {"createdAt": milliseconds, "updatedAt": milliseconds}
        return json.dumps({"name": self.name, **times, "state": f"deflate;{packed}"})

    def _state(self) -> dict[str, Any]:
        return {**self._runs(), **self._groups(), **self._charts(), "selectedColumns": [*self.columns]}

    def _runs(self) -> dict[str, Any]:
        return {
            "searchFilter": self.condition,
            "orderByKey": self.order_by,
            "orderByAsc": self.ascending,
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "datasetsFilter": [],
            "modelVersionFilter": "All Runs",
            "runsHiddenMode": "SHOW_ALL",
        }

    def _groups(self) -> dict[str, Any]:
        keys = [{"mode": "tag", "groupByData": self.group_by}]
        group = {"aggregateFunction": "average", "groupByKeys": keys} if self.group_by else None
        closed = {f"tag.{self.group_by}.{value}": False for value in self.groups}
        return {"groupBy": group, "groupsExpanded": closed, "useGroupedValuesInCharts": True}

    def _charts(self) -> dict[str, Any]:
        # Reordered: otherwise MLflow sorts the sections by name, and those of a task's groups come before the others.
        section = {"display": True, "isReordered": True, "deleted": False, "isGenerated": False}
        own = {"uuid": _SECTION, "name": self.name, "columns": _COLUMNS, **section}
        return {
            "compareRunCharts": [chart.to_json(number) for number, chart in enumerate(self.charts)],
            "compareRunSections": [own, {"uuid": f"{_SECTION}-others", "name": _OTHERS, **section}],
            "isAccordionReordered": True,
            "hideEmptyCharts": True,
        }
