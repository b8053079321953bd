"""The numbers that a parent run shows of its points are those of the study's own tables."""

import pandas as pd
import pytest

from study.inference.effects import summary
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.factor import Factor, Range
from study.tracking import point_metrics
from study.tracking.mlflow_names import six_digits
from study.tracking.point_metrics import Shown, is_numeric
from tests.ledger.launches import run
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import space

RATE = Factor("rate", (0.01, 0.1, 1.0))


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    store = tmp_path_factory.mktemp("cells")
    run(store, space(DEPTH, POOLING, RATE, seeds=(0, 1, 2)))
    return table(Ledger.read(store, "played"))


def values(shown: list[Shown], name: str) -> list[tuple[int, float]]:
    return [(one.step, one.value) for one in shown if one.name == name]


def test_each_point_has_its_mean_interval_and_seeds(cells: pd.DataFrame) -> None:
    shown = point_metrics.point_metrics(cells, (DEPTH, POOLING, RATE))
    for row in summary(cells):
        name = row.point.replace("=", ":")
        assert values(shown, f"val_acc mean/{name}") == [(0, six_digits(row.mean))]
        assert values(shown, f"val_acc low/{name}") == [(0, six_digits(row.low))]
        assert values(shown, f"val_acc high/{name}") == [(0, six_digits(row.high))]
        assert values(shown, f"val_acc seeds/{name}") == [(0, 3)]
    assert len({(one.name, one.step) for one in shown}) == len(shown)


def test_a_numeric_factor_has_a_curve_over_its_levels(cells: pd.DataFrame) -> None:
    shown = point_metrics.point_metrics(cells, (DEPTH, POOLING, RATE))
    means = {row.point: six_digits(row.mean) for row in summary(cells)}
    assert sorted(values(shown, "val_acc by depth/mean")) == [
        (1, means["depth=1"]), (3, means["baseline"]), (5, means["depth=5"]),
    ]  # fmt: skip
    # MLflow's steps are whole numbers.
    assert sorted(values(shown, "val_acc by rate in order/mean")) == [
        (1, means["rate=0.01"]), (2, means["baseline"]), (3, means["rate=1"]),
    ]  # fmt: skip
    assert not [one for one in shown if "by pooling" in one.name]


def test_a_level_is_in_the_curve_once_all_its_seeds_have_ended(cells: pd.DataFrame) -> None:
    late = cells.copy()
    late.loc[(late["point"] == "depth=5") & (late["seed"] == 2), "state"] = "missing"
    shown = point_metrics.point_metrics(late, (DEPTH,))
    assert [step for step, _ in values(shown, "val_acc by depth/mean")] == [3, 1]
    assert values(shown, "val_acc seeds/depth:5") == [(0, 2)]


def test_one_seed_has_no_interval_and_no_cell_no_number(cells: pd.DataFrame) -> None:
    names = {one.name for one in point_metrics.point_metrics(cells[cells["seed"] == 0], (DEPTH,))}
    assert {"val_acc mean/baseline", "val_acc seeds/baseline", "val_acc by depth/mean"} <= names
    assert not [name for name in names if "low" in name]
    assert point_metrics.point_metrics(cells.assign(state="missing"), (DEPTH,)) == []


def test_of_too_many_points_only_curves_are_shown(cells: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point_metrics, "MOST_POINTS", 3)
    names = {one.name for one in point_metrics.point_metrics(cells, (DEPTH,))}
    assert names == {f"val_acc by depth/{what}" for what in ("mean", "low", "high")}


def test_only_numbers_make_an_axis() -> None:
    factors = (DEPTH, RATE, Factor("rate", Range(0.1, 1.0)), POOLING, NORM, Factor("mask", ("library", 0, 1)))
    assert [is_numeric(factor) for factor in factors] == [True, True, True, False, False, False]
