"""How the points of a study are chosen."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["ablation", "dose", "grid", "sweep"]
Sampler = Literal["tpe", "random", "qmc", "cmaes", "gp", "nsga2"]
Pruner = Literal["none", "median", "hyperband", "successive_halving", "patient", "wilcoxon"]
FEWEST_PAIRS = 4
"""The fewest seeds with which Wilcoxon's test can reach p < 0.1. With three seeds the smallest p is 0.125."""


@dataclass(frozen=True)
class Confirm:
    """How a sweep is confirmed: its `top` points and the baseline run again on `seeds` fresh seeds."""

    top: int = 3
    seeds: int = 5


@dataclass(frozen=True)
class Design:
    """How points are chosen. Everything except `kind` and `seed` concerns only sweeps."""

    kind: Kind
    seed: int = 0
    trials: int = 0
    sampler: Sampler = "tpe"
    pruner: Pruner = "none"
    confirm: Confirm = field(default_factory=Confirm)
