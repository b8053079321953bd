"""Checks the data that a task makes: which splits there must be, and what each split must hold."""

from collections.abc import Mapping

import numpy as np

REQUIRED = ("pool", "validation")
SPLITS = (*REQUIRED, "test")


def splits_problem(splits: object) -> str | None:
    """Returns the rule that a task's data break, or None if they break none."""
    if not isinstance(splits, Mapping):
        return f"it must be a mapping of splits, not {type(splits).__name__}"
    if missing := [split for split in REQUIRED if split not in splits]:
        return f"it lacks {', '.join(map(repr, missing))}"
    problems = (_split_problem(split, arrays) for split, arrays in splits.items())
    return next((problem for problem in problems if problem), None)


def _split_problem(split: object, arrays: object) -> str | None:
    if split not in SPLITS:
        return f"{split!r} is not one of {', '.join(map(repr, SPLITS))}"
    if not isinstance(arrays, tuple) or len(arrays) != 2 or not all(isinstance(a, np.ndarray) for a in arrays):
        return f"{split!r} must be two NumPy arrays, (inputs, targets)"
    inputs, targets = arrays
    if any(array.ndim == 0 or array.dtype.hasobject for array in arrays):
        return f"the arrays of {split!r} must hold numbers, the examples along the first axis"
    if len(inputs) != len(targets):
        return f"{split!r} has {len(inputs)} inputs and {len(targets)} targets"
    return None if len(inputs) else f"{split!r} is empty"
