"""Peaks, dips and falls of a curve, and how seldom noise makes one."""

import numpy as np
import pytest

from study.inference.turning import Turn, turning

NOISE = np.array([-0.004, 0.001, 0.003, -0.002, 0.002])


def groups(*means: float) -> list[np.ndarray]:
    return [mean + np.roll(NOISE, turn) for turn, mean in enumerate(means)]


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize(
    ("means", "turns", "falls", "rises"),
    [
        ((0.1, 0.3, 0.5, 0.3, 0.1), (Turn("peak", 2),), (2, 3), ()),
        ((0.5, 0.1, 0.3, 0.4), (Turn("dip", 1),), (0,), (1, 2)),
        ((0.1, 0.2, 0.3), (), (), (0, 1)),
        ((0.3, 0.2, 0.1), (), (0, 1), ()),
        ((0.3, 0.3, 0.3), (), (), ()),
        ((0.3, 0.1, 0.4, 0.2), (Turn("dip", 1), Turn("peak", 2)), (2,), (1,)),
        ((0.1, 0.3), (), (), (0,)),
    ],
)
def test_a_curve_turns_where_both_sides_are_shown(
    means: tuple[float, ...], turns: tuple[Turn, ...], falls: tuple[int, ...], rises: tuple[int, ...], pairs: bool
) -> None:
    assert turning(groups(*means), pairs=pairs) == (turns, falls, rises)


def test_one_seed_shows_nothing() -> None:
    assert turning([np.array([0.1]), np.array([0.5]), np.array([0.1])], pairs=False) == ((), (), ())


def test_noise_around_a_rising_or_a_flat_curve_seldom_turns() -> None:
    random, wrong, studies = np.random.default_rng(0), 0, 300
    for study in range(studies):
        means = np.arange(5) * (study % 2)
        found = turning([mean + random.normal(size=5) for mean in means], pairs=False)
        wrong += bool(found.turns or found.falls_after)
    assert wrong <= 0.05 * studies + 3 * np.sqrt(0.05 * 0.95 * studies)
