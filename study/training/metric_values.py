"""Turns what a model reports into numbers with names."""

from collections.abc import Mapping
from typing import Any

import numpy as np

Logs = Mapping[str, Any]
"""What a model reports: a number for each metric, or an array if it has several."""


def as_logs(reported: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a model reports as callbacks get it, sorted by name."""
    arrays = {name: np.asarray(value) for name, value in sorted(reported.items()) if value is not None}
    return {name: float(array.reshape(())) if array.size == 1 else array for name, array in arrays.items()}


def numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """Returns a number for each name. A metric with several numbers gets a name for each: `f1_score_0` and so on.

    What is no number is left out, because a callback may add anything at all.
    """
    return {name: number for key, value in logs.items() for name, number in _named(key, value)}


def _named(name: str, value: Any) -> list[tuple[str, float]]:
    try:
        array = np.asarray(value, np.float64).reshape(-1)
    except (TypeError, ValueError):
        return []
    if np.ndim(value) == 0 or array.size == 1:
        return [(name, float(array[0]))] if not isinstance(value, str | bytes) else []
    return [(f"{name}_{number}", float(one)) for number, one in enumerate(array)]
