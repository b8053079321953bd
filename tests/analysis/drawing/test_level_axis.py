"""An axis of levels: positions, ticks and the logarithmic scale."""

import numpy as np
import pandas as pd
import pytest

from analysis.drawing import level_axis
from tests.analysis.synthetic_tables import axes


def test_numbers_stand_at_their_value_and_names_at_their_turn() -> None:
    assert level_axis.level_positions(pd.Series([4, 2, 7, 2])) == {2: 2.0, 4: 4.0, 7: 7.0}
    assert level_axis.level_positions(pd.Series(["max", "average", "max"])) == {"max": 0.0, "average": 1.0}
    assert level_axis.level_positions(pd.Series([True, False])) == {True: 0.0, False: 1.0}
    assert level_axis.level_positions(pd.Series(["library", 0, 1], dtype=object)) == {"library": 0.0, 0: 1.0, 1: 2.0}


@pytest.mark.parametrize(
    ("levels", "scale"),
    [
        ([1, 2, 9], "linear"),
        ([1e-4, 1e-3, 1e-2], "log"),
        ([0, 1e-4, 1e-3, 1e-2], "symlog"),
        ([-100, 0, 0.5], "symlog"),
        ([0, 1, 30], "linear"),
        ([0, 100], "linear"),
        ([1, 30], "linear"),
    ],
)
def test_a_wide_range_stands_on_a_logarithm(levels: list[float], scale: str) -> None:
    ax = axes()
    level_axis.set_level_axis(ax, level_axis.level_positions(pd.Series(levels)))
    assert ax.get_xscale() == scale
    assert list(ax.get_xticks()) == levels
    assert not ax.xaxis.get_minorticklocs().size


def test_nought_stands_a_decade_below_the_smallest_number() -> None:
    ax = axes()
    level_axis.set_level_axis(ax, level_axis.level_positions(pd.Series([0, 1e-3, 1e-2, 1e-1])))
    ticks = ax.transData.transform([(x, 0) for x in (0, 1e-3, 1e-2, 1e-1)])[:, 0]
    assert np.diff(ticks) == pytest.approx(np.diff(ticks)[0], rel=0.15)


def test_texts_of_one_number_are_names() -> None:
    assert level_axis.as_numbers(["1", "2"]) == [1.0, 2.0]
    assert level_axis.as_numbers(["1", "1.0"]) is None
    assert level_axis.as_numbers(["1", "1", "2"]) == [1.0, 1.0, 2.0]


def test_many_numbers_have_the_usual_ticks() -> None:
    ax = axes()
    level_axis.set_level_axis(ax, level_axis.level_positions(pd.Series(np.linspace(1, 2, 40))))
    assert len(ax.get_xticks()) < 16
