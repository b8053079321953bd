"""Sweeps and ablation studies of Keras models; the command is `study`, in Python it is `from study import Study`."""

import importlib
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from study.results import Study as Study
    from study.results import load_study as load_study

# `python -m study` searches the current folder first. A user's random.py there must not hide Python's own.
if sys.argv[:1] == ["-m"] and __path__ != [f"{sys.path[0]}/study"]:
    sys.path.append(sys.path.pop(0))

_LOADED_LATE = ("Study", "load_study")
"""Names that are loaded when they are first used, so that the command answers at once."""


def __getattr__(name: str) -> object:
    if name in _LOADED_LATE:
        with warnings.catch_warnings():
            # Of Optuna's progress bar, which is not used. In a notebook it misses a package.
            warnings.filterwarnings("ignore", message="IProgress not found")
            return getattr(importlib.import_module("study.results"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
