"""From which group on more does not pay."""

import numpy as np
import pytest

from study.inference.contrasts import independent_contrast
from study.inference.plateau import plateau

NOISE = np.array([-0.004, 0.001, 0.003, -0.002, 0.002])


def groups(*means: float) -> list[np.ndarray]:
    return [mean + np.roll(NOISE, turn) for turn, mean in enumerate(means)]


@pytest.mark.parametrize("pairs", [False, True])
def test_groups_that_rise_and_then_stay_have_their_plateau_at_the_knee(pairs: bool) -> None:
    found = plateau(groups(0.3, 0.4, 0.5, 0.501, 0.499), margin=0.02, pairs=pairs)
    assert (found.beaten_below, found.enough_from) == (2, 2)
    assert 0 < found.gain < 0.02


def test_groups_that_always_rise_have_none_below_the_highest() -> None:
    assert plateau(groups(0.1, 0.2, 0.3), margin=0.0, pairs=False) == (2, 2, 0.0)


def test_equal_groups_are_undecided_without_a_margin() -> None:
    found = plateau(groups(0.5, 0.5, 0.5), margin=0.0, pairs=False)
    assert (found.beaten_below, found.enough_from) == (0, 2)


def test_what_may_still_be_gained_is_the_largest_upper_end_for_all_higher_groups_together() -> None:
    samples = groups(0.5, 0.501, 0.502)
    ends = [independent_contrast([high, samples[0]], [1.0, -1.0], confidence=1 - 0.05 / 2).high for high in samples[1:]]
    assert plateau(samples, margin=0.0, pairs=False).gain == pytest.approx(max(ends))


def test_a_group_of_one_seed_leaves_the_gain_unknown() -> None:
    assert np.isnan(plateau([*groups(0.5, 0.5), np.array([0.5])], margin=0.1, pairs=False).gain)
