"""Two factors varied together: the gap at each level of one, how it changes, and where its lines point."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.inference.crossing import crossings, growth_sentence
from study.inference.intervals import difference
from tests.analysis.synthetic_tables import grid, table
from tests.benchmarks.large_tables import Point
from tests.benchmarks.large_tables import cells as made


def grown(*, gap: float, seeds: int = 5, noise: float = 0.01) -> pd.DataFrame:
    """Widths 16 (the baseline), 32 and 64, crossed with two activations; the gap grows by `gap` a doubling."""
    levels = product(({}, {"width": 32}, {"width": 64}), ({}, {"act": "tanh"}))
    points: list[Point] = [{**width, **act} for width, act in levels]
    cells = made(points, range(seeds))
    random = np.random.default_rng(0)
    doublings = np.log2(cells["level.width"].astype(float) / 16)
    value = 0.4 + 0.05 * doublings - (cells["level.act"] == "tanh") * (0.1 + gap * doublings)
    return cells.assign(**{"metric.val_acc": value + noise * random.normal(size=len(cells))})


def test_each_gap_is_a_difference_at_one_level() -> None:
    cells = grown(gap=0.05)
    (crossing,) = crossings(cells)
    assert (crossing.over, crossing.between, crossing.levels, crossing.variants) == (
        "width",
        "act",
        [16, 32, 64],
        ["tanh"],
    )
    for level, gap in crossing.gaps("tanh").items():
        ours = cells[cells["level.width"] == level]
        sides = [ours.loc[ours["level.act"] == act, "metric.val_acc"] for act in ("tanh", "relu")]
        assert gap == pytest.approx(difference(*sides))


def test_a_gap_that_grows_is_told_from_one_that_does_not() -> None:
    (crossing,) = crossings(grown(gap=0.05))
    growth = crossing.growth("tanh")
    assert growth.value == pytest.approx(crossing.gaps("tanh")[64].value - crossing.gaps("tanh")[16].value)
    assert growth.low < -0.1 < growth.high
    assert growth_sentence(crossing).startswith("Yes: from width=16 to 64 the gap of act=tanh goes from −0.")
    (flat,) = crossings(grown(gap=0.0))
    assert growth_sentence(flat).startswith("Not shown: from width=16 to 64")


def test_a_line_is_extrapolated_as_least_squares_does() -> None:
    (crossing,) = crossings(grown(gap=0.05))
    found = crossing.extrapolated("tanh", to=128, log=True)
    cells = crossing.values[crossing.values["variant"] == "tanh"]
    line = stats.linregress(np.log2(cells["level"]), cells["value"])
    assert found.mean == pytest.approx(line.intercept + 7 * line.slope)
    assert found.low < 0.3 < found.high
    assert crossing.extrapolated("", to=2.0**40, log=True) == (1.0, 1.0, 1.0)  # A share ends at 1.


def test_pairs_of_seeds_are_compared_where_the_study_says_so() -> None:
    cells = grown(gap=0.05, noise=0.0)
    shared = np.random.default_rng(1).normal(size=5)[cells["seed"]]
    apart = np.random.default_rng(2).normal(size=len(cells))
    cells = cells.assign(paired=True, **{"metric.val_acc": cells["metric.val_acc"] + 0.1 * shared + 1e-3 * apart})
    (crossing,) = crossings(cells)
    assert np.ptp(crossing.growth("tanh")[1:3]) < 0.01
    (independent,) = crossings(cells.assign(paired=False))
    assert np.ptp(independent.growth("tanh")[1:3]) > 0.1


def test_names_two_levels_and_single_changes_are_no_crossing() -> None:
    assert crossings(table()) == []
    assert [(one.over, one.between) for one in crossings(grid())] == [
        ("conv_depth", "pooling"),
        ("conv_depth", "coordinates"),
    ]


def test_one_seed_has_a_gap_and_no_test() -> None:
    (crossing,) = crossings(grown(gap=0.05, seeds=1))
    assert growth_sentence(crossing).startswith("Not shown: ")
    assert "(" not in growth_sentence(crossing)


def test_points_of_another_environment_are_not_compared() -> None:
    cells = grown(gap=0.05)
    cells.loc[cells["level.act"] == "tanh", "backend"] = "jax"
    (crossing,) = crossings(cells)
    assert growth_sentence(crossing).startswith("Nothing is compared")
