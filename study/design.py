"""Which cells a study consists of; the points of a sweep are left to Optuna, only their number is known here."""

import math
from collections.abc import Iterator
from itertools import product

from study.space import Factor, Range, SearchSpace
from study.task import Level, same
from study.trial import TrialConfig

MOST_CELLS = 100_000

Point = dict[str, Level]
"""A point as its changes from the baseline, which is the empty one."""


def points(space: SearchSpace) -> Iterator[Point]:
    """The points of an enumerated design, the baseline first; of a sweep the baseline alone."""
    yield {}
    levels = space.config({}, seed=0).levels()
    others = {f.name: [v for v in _listed(f) if not same(v, levels[f.name])] for f in space.factors}
    match space.design.kind:
        case "grid":
            choices = product(*([levels[name], *values] for name, values in others.items()))
            next(choices)  # The baseline, which is out already.
            for choice in choices:
                named = zip(others, choice, strict=True)
                yield {name: value for name, value in named if not same(value, levels[name])}
        case "ablation" | "dose":
            yield from ({name: value} for name, values in others.items() for value in values)


def cells(space: SearchSpace) -> Iterator[TrialConfig]:
    """The cells of an enumerated design: every point on the first seed, then every point on the next.

    A study that is stopped early has thus the same seeds at every point.
    """
    return (space.config(point, seed=seed) for seed in space.seeds for point in points(space))


def count(space: SearchSpace) -> int:
    """The number of cells, computed without listing them."""
    design = space.design
    if design.kind == "sweep":
        return design.trials + (design.confirm.top + 1) * design.confirm.seeds
    return count_points(space) * len(space.seeds)


def count_points(space: SearchSpace) -> int:
    """The number of points; of a sweep, how many its search asks for."""
    if space.design.kind == "sweep":
        return space.design.trials
    sizes = [len(_listed(factor)) for factor in space.factors]
    return math.prod(sizes) if space.design.kind == "grid" else 1 + sum(size - 1 for size in sizes)


def _listed(factor: Factor) -> tuple[Level, ...]:
    return () if isinstance(factor.levels, Range) else factor.levels
