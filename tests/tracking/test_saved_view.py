"""A saved view as MLflow 3.17 reads it."""

import base64
import json
import zlib
from typing import Any

from study.tracking.saved_view import Axis, SavedView, bars, curves, has_view, parallel, scatter

VIEW = SavedView(
    key="mine",
    name="points",
    condition="tags.state = 'complete'",
    order_by="metrics.`val_acc`",
    ascending=False,
    columns=["metrics.`val_acc`"],
    charts=[scatter(Axis("depth", is_param=True), Axis("val_acc")), bars("val_acc", "means"), curves("val_acc")],
    group_by="point",
    groups=["depth=3"],
)


def state(view: SavedView) -> dict[str, Any]:
    """What MLflow's page reads out of the tag."""
    kind, _, packed = json.loads(view.text(7))["state"].partition(";")
    assert kind == "deflate"
    value: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return value


def test_a_view_is_a_tag_with_a_name_times_and_a_packed_state() -> None:
    assert VIEW.tag == "mlflow.sharedViewState.mine"
    written = json.loads(VIEW.text(7))
    assert {name: written[name] for name in ("name", "createdAt", "updatedAt")} == {
        "name": "points", "createdAt": 7, "updatedAt": 7,
    }  # fmt: skip
    assert len(VIEW.text(7)) < 2000
    assert has_view({VIEW.tag: ""}, "mine")
    assert not has_view({VIEW.tag: ""}, "other")


def test_the_state_holds_runs_groups_columns_and_charts_in_one_section() -> None:
    read = state(VIEW)
    assert (read["searchFilter"], read["orderByKey"], read["orderByAsc"]) == (
        VIEW.condition,
        "metrics.`val_acc`",
        False,
    )
    assert read["groupBy"] == {"aggregateFunction": "average", "groupByKeys": [{"mode": "tag", "groupByData": "point"}]}
    assert read["groupsExpanded"] == {"tag.point.depth=3": False}
    assert read["selectedColumns"] == ["metrics.`val_acc`"]
    assert [chart["type"] for chart in read["compareRunCharts"]] == ["SCATTER", "BAR", "LINE"]
    # MLflow's own section comes next, before those of a task's groups.
    section, others = read["compareRunSections"]
    assert others["name"] == "Model metrics"
    assert {chart["metricSectionId"] for chart in read["compareRunCharts"]} == {section["uuid"]}
    assert read["compareRunCharts"][0]["xaxis"] == {"key": "depth", "type": "PARAM"}
    assert len({chart["uuid"] for chart in read["compareRunCharts"]}) == 3


def test_parallel_coordinates_go_without_groups() -> None:
    chart = parallel(["depth"], ["val_acc"]).to_json(0)
    assert (chart["type"], chart["selectedParams"], chart["showAllRuns"]) == ("PARALLEL", ["depth"], True)
    alone = SavedView(**{**vars(VIEW), "group_by": ""})
    assert state(alone)["groupBy"] is None
