"""The two views of a study, by its design: which charts open without a click."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.task import Fidelity
from study.tracking.connection import connect
from study.tracking.saved_view import SavedView
from study.tracking.study_views import (
    ALL_RUNS,
    POINTS,
    ShownCell,
    all_runs_view,
    loads_some_seeds,
    points_view,
    save_views,
    view_address,
)
from tests.toy_task import DEPTH, NORM, POOLING
from tests.tracking.logged_studies import runs
from tests.trial_functions import space

SEARCH = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
RATE = Factor("rate", Range(1e-3, 1.0, log=True))


def titles(view: SavedView) -> list[str]:
    return [chart.title for chart in view.charts]


CURVES, SIZE = "val_acc by epoch", "val_acc by parameters"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (space(DEPTH, kind="dose"), ["val_acc by depth", CURVES, SIZE]),
        (space(DEPTH), ["val_acc by depth", CURVES, SIZE]),
        (space(POOLING), ["val_acc by point", CURVES, SIZE]),
        (space(NORM), ["val_acc by point", CURVES, SIZE]),
        (space(DEPTH, POOLING), ["val_acc by point", CURVES, SIZE]),
        (space(DEPTH, POOLING, kind="grid"), ["val_acc by point", CURVES, SIZE]),
        (space(DEPTH, RATE, design=SEARCH, seeds=(0,)), ["val_acc by depth", "val_acc by rate", CURVES, SIZE]),
        (space(DEPTH, RATE, POOLING, design=SEARCH, seeds=(0,)), ["val_acc by point", CURVES, SIZE]),
        (space(POOLING, fidelity=Fidelity(1, 100, 10)), ["val_acc by point", "val_acc by point", SIZE]),
    ],
)
def test_the_first_chart_of_the_points_answers_the_study_s_question(asked: SearchSpace, expected: list[str]) -> None:
    assert titles(points_view(asked)) == expected


def test_the_points_are_groups_of_complete_seeds_with_the_best_first() -> None:
    view = points_view(space(DEPTH))
    assert (view.group_by, view.order_by, view.ascending) == ("point", "metrics.`val_acc`", False)
    assert view.condition == "tags.`study.trial` != '' AND tags.state = 'complete'"
    assert points_view(space(objectives=(Objective("loss", "minimize"),))).ascending


def test_what_a_search_chose_by_is_left_out_once_points_are_confirmed() -> None:
    asked = space(DEPTH, design=SEARCH, seeds=(0,))
    confirmed = [ShownCell("depth=1", "confirm", "complete")]
    assert points_view(asked, confirmed).condition.endswith("AND tags.phase = 'confirm'")
    assert "phase" not in points_view(asked).condition


@pytest.mark.parametrize(
    ("points", "seeds", "phase", "by_seed"),
    [(10, 10, "list", False), (10, 11, "list", True), (101, 1, "list", False), (60, 2, "search", True)],
)
def test_a_page_that_cannot_load_all_seeds_loads_the_first_ones_and_not_the_best(
    points: int, seeds: int, phase: str, by_seed: bool
) -> None:
    cells = [ShownCell(f"depth={point}", phase, "complete") for point in range(points) for _ in range(seeds)]
    view = points_view(space(DEPTH), cells)
    assert view.order_by == ("tags.`setting.seed`" if by_seed else "metrics.`val_acc`")
    assert view.ascending == by_seed
    waiting = [cell._replace(state="missing") for cell in cells]
    assert not loads_some_seeds(waiting)
    assert not loads_some_seeds([*cells, ShownCell("depth=1", "confirm", "complete")])


def test_the_counted_value_is_shown_also_where_it_is_not_the_last() -> None:
    view = points_view(space(DEPTH, objectives=(Objective("val_acc", "maximize", "best"),)))
    assert (view.order_by, titles(view)[0]) == ("metrics.`best_val_acc`", "best_val_acc by depth")


def test_all_runs_are_lines_through_the_factors_and_dots_over_each_numeric_one() -> None:
    view = all_runs_view(space(DEPTH, POOLING, NORM))
    assert titles(view) == ["all factors", "val_acc by depth"]
    assert view.charts[0].values["selectedParams"] == ["depth", "pooling", "norm"]
    assert view.group_by == ""
    assert {"params.`depth`", "metrics.`val_acc`", "tags.`setting.seed`"} <= {*view.columns}


def test_a_study_of_many_factors_fits_into_a_tag() -> None:
    many: Sequence[Factor] = [Factor(f"factor_{place}", (0, 1)) for place in range(150)]
    baseline = {**space().baseline, **{factor.name: 0 for factor in many}}
    view = all_runs_view(space(*many, baseline=baseline, defaults=baseline))
    assert len(view.text(0)) < 20_000


def test_so_many_points_that_no_tag_holds_them_are_left_open() -> None:
    class Client:
        """A client that keeps the tags."""

        def __init__(self) -> None:
            self.tags: dict[str, str] = {}

        def set_experiment_tag(self, experiment: str, name: str, text: str) -> None:
            self.tags[name] = text

    client, points = Client(), [hashlib.sha256(str(place).encode()).hexdigest() for place in range(2000)]
    save_views(client, "1", space(), [ShownCell(point, "list", "complete") for point in points])  # type: ignore[arg-type]
    assert len(client.tags) == 2
    assert max(map(len, client.tags.values())) < 20_000


def test_a_logged_study_has_both_views_at_addresses_that_open_them(logged: Path) -> None:
    experiment = connect(logged).get_experiment(runs(logged)[0].info.experiment_id)
    assert {f"mlflow.sharedViewState.{key}" for key in (POINTS, ALL_RUNS)} <= experiment.tags.keys()
    assert view_address("http://127.0.0.1:5000", "7", POINTS) == (
        "http://127.0.0.1:5000/#/experiments/7/runs?viewStateShareKey=study-points&compareRunsMode=CHART"
        "&workflowType=machine_learning"
    )
