"""Checks the data that a task makes: which splits there must be, and what each split must hold."""

from collections.abc import Mapping

import numpy as np

from study.space.hints import some

REQUIRED = ("pool", "validation")
SPLITS = (*REQUIRED, "test")
_MOST_SHOWN = 4
"""How many parts of a tuple a message shows."""


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
        taken = f"{split!r} must be two NumPy arrays, (inputs, targets)"
        return f"{taken}, not {_kind(arrays)}; a task has one input, one target and no weights of examples"
    inputs, targets = arrays
    if any(array.ndim == 0 or array.dtype.hasobject for array in arrays):
        kinds = ", ".join(f"{array.dtype} of shape {array.shape}" for array in arrays)
        rule = f"the arrays of {split!r} must hold numbers, the examples along the first axis, not {kinds}"
        return f"{rule}; texts stand in an array of texts, as array.astype(str) makes it"
    if len(inputs) != len(targets):
        return f"{split!r} has {len(inputs)} inputs and {len(targets)} targets"
    return None if len(inputs) else f"{split!r} is empty"


def _kind(value: object) -> str:
    """Returns what a value is made of, as the message about it shows it."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_kind, value[:_MOST_SHOWN]))}{', …' if len(value) > _MOST_SHOWN else ''})"
    if isinstance(value, Mapping):
        return f"a {type(value).__name__} of {some([repr(name) for name in value])}"
    return type(value).__name__
