"""Two factors varied together: the gap at each level of one, how it changes, and where its lines point."""

import json
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
    *_, growth = crossing.growth("tanh")
    assert (growth.low, growth.high, growth.seeds) == (16, 64, 5)
    assert growth.by.value == pytest.approx(crossing.gaps("tanh")[64].value - crossing.gaps("tanh")[16].value)
    assert growth.by.low < -0.1 < growth.by.high
    assert growth_sentence(crossing).startswith("Yes: from width=16 to 64 the gap of act=tanh goes from −0.")
    (flat,) = crossings(grown(gap=0.0))
    assert growth_sentence(flat).startswith("Not shown: from width=16 to 64")


def test_a_gap_that_opens_and_closes_is_found() -> None:
    cells = grown(gap=0.0)
    cells.loc[(cells["level.width"] == 32) & (cells["level.act"] == "tanh"), "metric.val_acc"] += 0.3
    (crossing,) = crossings(cells)
    assert growth_sentence(crossing).startswith("Yes: from width=16 to 32 the gap of act=tanh goes from −0.")


@pytest.mark.parametrize(
    ("seeds", "word"), [(2, "No verdict: "), (3, "It looks so: "), (4, "It looks so: "), (5, "Yes: ")]
)
def test_few_seeds_give_no_sure_answer(seeds: int, word: str) -> None:
    (crossing,) = crossings(grown(gap=0.2, seeds=seeds))
    assert growth_sentence(crossing).startswith(word)


def test_a_line_is_extrapolated_through_the_means() -> None:
    (crossing,) = crossings(grown(gap=0.05))
    found = crossing.extrapolated("tanh", to=128, log=True)
    cells = crossing.values[crossing.values["variant"] == "tanh"]
    line = stats.linregress(np.log2(cells["level"]), cells["value"])
    assert found is not None
    assert found.mean == pytest.approx(line.intercept + 7 * line.slope)  # Numbers of seeds are equal.
    assert found.low < 0.3 < found.high
    far = crossing.extrapolated("relu", to=2.0**40, log=True)
    assert far is not None
    assert far.mean > 1.5  # No share reaches it. A reader is told so.
    assert crossing.extrapolated("tanh", to=64, log=False) is not None


def test_the_interval_of_an_extrapolation_allows_for_unequal_variances() -> None:
    random, covered = np.random.default_rng(5), 0
    cells = grown(gap=0.0, noise=0.0)
    for _ in range(200):
        noise = np.where(cells["level.width"] == 64, 0.1, 0.01) * random.normal(size=len(cells))
        (crossing,) = crossings(cells.assign(**{"metric.val_acc": cells["metric.val_acc"] + noise}))
        end = crossing.extrapolated("relu", to=128, log=True)
        assert end is not None
        covered += end.low <= 0.55 <= end.high
    assert covered >= 183  # Of 200 at 95 % so many or more with a probability of 98 %.


def test_a_line_needs_three_levels_in_one_environment() -> None:
    cells = grown(gap=0.05)
    lost = (cells["level.act"] == "tanh") & (cells["level.width"] == 64)
    (crossing,) = crossings(cells.assign(state=np.where(lost, "failed", cells["state"])))
    assert crossing.extrapolated("tanh", to=128, log=True) is None
    (mixed,) = crossings(cells.assign(device=np.where(lost, "gpu", "cpu")))
    assert mixed.extrapolated("tanh", to=128, log=True) is None
    assert mixed.extrapolated("relu", to=128, log=True) is not None
    assert list(mixed.gaps("tanh")) == [16, 32]
    assert [change.high for change in mixed.growth("tanh")] == [32]


def test_a_level_without_a_name_is_not_the_baselines() -> None:
    cells = grown(gap=0.05)
    tanh = cells["level.act"] == "tanh"
    widths = cells["level.width"].astype(str)
    renamed = [json.dumps({"act": "", **({} if width == "16" else {"width": width})}) for width in widths]
    cells["level.act"] = cells["level.act"].mask(tanh, "")
    cells["changes"] = np.where(tanh, renamed, cells["changes"])
    (crossing,) = crossings(cells)
    assert crossing.names == ["relu", ""]
    assert len(crossing.gaps("")) == 3


def test_pairs_of_seeds_are_compared_where_the_study_says_so() -> None:
    cells = grown(gap=0.05, noise=0.0)
    shared = np.random.default_rng(1).normal(size=5)[cells["seed"]]
    apart = np.random.default_rng(2).normal(size=len(cells))
    cells = cells.assign(paired=True, **{"metric.val_acc": cells["metric.val_acc"] + 0.1 * shared + 1e-3 * apart})
    (crossing,) = crossings(cells)
    assert np.ptp(crossing.growth("tanh")[-1].by[1:3]) < 0.01
    (independent,) = crossings(cells.assign(paired=False))
    assert np.ptp(independent.growth("tanh")[-1].by[1:3]) > 0.1


def test_the_numbers_of_a_change_are_of_the_same_pairs() -> None:
    cells = grown(gap=0.05, noise=0.1).assign(paired=True)
    lost = (cells["level.width"] == 16) & (cells["seed"] == 0) & (cells["level.act"] == "tanh")
    (crossing,) = crossings(cells.assign(state=np.where(lost, "failed", cells["state"])))
    *_, change = crossing.growth("tanh")
    assert change.seeds == 4
    assert change.by.value == pytest.approx(change.after - change.before)
    assert change.after != pytest.approx(crossing.gaps("tanh")[64].value)


def test_names_two_levels_and_single_changes_are_no_crossing() -> None:
    assert crossings(table()) == []
    assert [(one.over, one.between) for one in crossings(grid())] == [
        ("conv_depth", "pooling"),
        ("conv_depth", "coordinates"),
    ]


def test_one_seed_has_a_gap_and_no_test() -> None:
    (crossing,) = crossings(grown(gap=0.05, seeds=1))
    assert growth_sentence(crossing) == "No verdict: a comparison needs 3 seeds at each of its points."
    assert crossing.gaps("tanh")[16].value < 0


def test_points_of_another_environment_are_not_compared() -> None:
    cells = grown(gap=0.05)
    cells.loc[cells["level.act"] == "tanh", "backend"] = "jax"
    (crossing,) = crossings(cells)
    assert growth_sentence(crossing).startswith("No gap can be compared: ")
