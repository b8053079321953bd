"""Which points of a panel of curves have a name, and that a large table is drawn in time."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis import curves
from analysis.drawing.style import style
from analysis.point_curves import MOST_LEVELS, MOST_NAMED, PointCurves
from study.inference import intervals
from tests.analysis.synthetic_tables import axes, epochs, grid, table
from tests.benchmarks import large_tables


def many(levels: int) -> PointCurves:
    """Curves of two epochs for so many changes of one factor, the first of them the best."""
    cells = large_tables.ablation(seeds=2)
    cells = cells[cells["point"].isin(cells["point"].unique()[: levels + 1])].reset_index(drop=True)
    frame = cells.loc[cells.index.repeat(2)].assign(epoch=np.tile([1, 2], len(cells)))
    places = {point: place for place, point in enumerate(cells["point"].unique())}
    return PointCurves.of(
        frame.assign(**{"metric.val_acc": [1 - 1e-3 * places[point] for point in frame["point"]]}), metric="val_acc"
    )


def test_few_levels_all_have_a_name() -> None:
    looks = many(MOST_LEVELS).styles("act")
    assert len(looks) == 1 + MOST_LEVELS
    assert all(look.label for look in looks.values())


def test_of_many_levels_the_best_have_a_name_and_a_colour_of_their_own() -> None:
    made = many(MOST_LEVELS + 1)
    looks = made.styles("act")
    named = {point: look for point, look in looks.items() if look.label}
    assert list(named) == ["baseline", *(f"act=act{turn}" for turn in range(MOST_NAMED))]
    assert len({look.colour for look in named.values()}) == 1 + MOST_NAMED
    assert {look.colour for point, look in looks.items() if point not in named} == {style().grey}
    drawn = curves.draw(made, factor="act", ax=axes())
    assert len([line for line in drawn.lines if line.get_linewidth() == 2.4]) == 1 + MOST_NAMED


@pytest.mark.parametrize("make", [table, grid])
def test_each_point_is_in_one_panel(make: Callable[[], pd.DataFrame]) -> None:
    made = PointCurves.of(epochs(make()), metric="val_acc")
    panels = [made.styles(factor).keys() - {"baseline"} for factor in made.panels]
    assert sum(map(len, panels)) == len(set().union(*panels)) == made.epochs["point"].nunique() - 1
    assert made.means.equals(intervals.curves(made.epochs, metric="val_acc"))
