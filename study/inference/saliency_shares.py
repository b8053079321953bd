"""How a saliency map is spread over an image: the share of it in a region, and the pixels that hold half of it."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def share_inside(maps: Array, regions: Array) -> float:
    """Returns which share of a map lies in its region, the mean over the maps. Not a number if every map is empty.

    Both are (maps, rows, columns). The maps are at least 0. An empty map has no share and counts in no mean.
    """
    whole, inside = maps.sum(axis=(1, 2)), np.where(regions, maps, 0).sum(axis=(1, 2))
    return float(np.mean(inside[whole > 0] / whole[whole > 0])) if whole.any() else float("nan")


def pixels_of_half(maps: Array) -> float:
    """Returns the smallest share of the pixels that holds half of a map, the mean over the maps.

    The maps are (maps, rows, columns), at least 0. Not a number if every map is empty.
    """
    shares = [_pixels_of_half(one.ravel()) for one in maps if one.any()]
    return float(np.mean(shares)) if shares else float("nan")


def _pixels_of_half(pixels: Array) -> float:
    held = np.cumsum(np.sort(pixels.astype(float))[::-1])
    # What is exactly half must not need one more pixel because of rounding.
    return float(np.searchsorted(held, held[-1] / 2 * (1 - 1e-9)) + 1) / len(pixels)
