"""Shares of saliency maps, by hand."""

import numpy as np
import pytest

from study.inference.saliency_shares import pixels_of_half, share_inside

MAPS = np.array([[[3.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])
REGIONS = np.array([[[True, False], [False, True]]] * 3)


def test_the_share_inside_is_the_mean_over_maps_that_are_not_empty() -> None:
    assert share_inside(MAPS, REGIONS) == pytest.approx((0.75 + 0.5) / 2)
    assert share_inside(MAPS[:1], REGIONS[:1]) == 0.75


def test_half_of_a_map_is_held_by_its_strongest_pixels() -> None:
    assert pixels_of_half(MAPS) == pytest.approx((1 / 4 + 2 / 4) / 2)
    assert pixels_of_half(np.full((1, 10, 10), 0.1)) == 0.5
    assert pixels_of_half(np.eye(3)[np.newaxis]) == pytest.approx(2 / 9)


def test_empty_maps_have_no_share() -> None:
    assert np.isnan(share_inside(MAPS[2:], REGIONS[2:]))
    assert np.isnan(pixels_of_half(MAPS[2:]))
