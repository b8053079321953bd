"""Points side by side: those asked for, the ends of a factor, or the baseline and the best."""

import pandas as pd
import pytest

from analysis.compared_points import compared_points, point_names
from analysis.drawing.source import FigureError
from tests.analysis.synthetic_tables import QUICK, grid, sweep, table

DEPTHS = table(QUICK[:3], base={"conv_depth": 4})


@pytest.mark.parametrize(
    ("cells", "factor", "points"),
    [
        (DEPTHS, None, ["conv_depth=2", "conv_depth=7"]),
        (table(), "conv_depth", ["conv_depth=2", "conv_depth=7"]),
        (table(), "width", ["width=8", "baseline"]),
        (table(), "pooling", ["baseline", "pooling=flatten"]),
        (table(), None, ["baseline", "pooling=flatten"]),
        (table(direction="minimize"), None, ["baseline"]),
        (
            table(states={("conv_depth=7", seed): "failed" for seed in range(3)}),
            "conv_depth",
            ["conv_depth=2", "baseline"],
        ),
    ],
    ids=["only_factor", "chosen", "baseline_is_an_end", "names", "several", "baseline_is_best", "incomplete_end"],
)
def test_the_ends_of_one_factor_or_the_baseline_and_the_best(
    cells: pd.DataFrame, factor: str | None, points: list[str]
) -> None:
    assert compared_points(cells, factor=factor) == points


@pytest.mark.parametrize("cells", [grid(), sweep()], ids=["grid", "sweep"])
def test_every_kind_of_study_has_points(cells: pd.DataFrame) -> None:
    points = compared_points(cells)
    assert 1 <= len(points) <= 2
    assert set(points) <= set(cells["point"])


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("conv_depth=7", "conv_depth=7"),
        ("conv_depth=4", "baseline"),
        ("width=16 conv_depth=2", "conv_depth=2"),
        ("baseline", "baseline"),
    ],
)
def test_a_point_may_be_named_with_levels_of_the_baseline(text: str, point: str) -> None:
    assert compared_points(table(), asked=[text]) == [point]


def test_points_come_in_the_order_in_which_they_are_asked_for_and_once() -> None:
    asked = ["conv_depth=7", "conv_depth=4", "baseline", "conv_depth=2"]
    assert compared_points(table(), asked=asked) == ["conv_depth=7", "baseline", "conv_depth=2"]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"asked": ["conv_depth=3"]}, "synthetic: no point 'conv_depth=3'; there are conv_depth=2, conv_depth=7"),
        ({"asked": ["xyz"]}, "synthetic: no point 'xyz'; there are baseline, conv_depth=2, conv_depth=7, width=8"),
        ({"factor": "dropout"}, "'dropout' has no two levels with complete cells; those that have: conv_depth, width"),
    ],
)
def test_what_is_not_there_is_one_line(how: dict[str, object], message: str) -> None:
    with pytest.raises(FigureError) as refused:
        compared_points(table(), **how)  # type: ignore[arg-type]
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("points", "names"),
    [
        (["conv_depth=2", "conv_depth=7"], ["trunk depth: 2", "trunk depth: 7"]),
        (["conv_depth=2", "baseline"], ["trunk depth: 2", "trunk depth: 4"]),
        (["baseline", "pooling=flatten"], ["pooling: global max", "pooling: flatten"]),
        (["baseline", "width=8", "conv_depth=2"], ["baseline", "trunk width: 8", "trunk depth: 2"]),
        (["baseline"], ["baseline"]),
    ],
)
def test_points_that_differ_in_one_factor_are_called_by_its_level(points: list[str], names: list[str]) -> None:
    assert point_names(table(), points) == names
