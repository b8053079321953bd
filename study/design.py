"""Which cells a study consists of; the points of a sweep are left to Optuna, only their number is known here."""

import math
from collections.abc import Iterator
from itertools import chain, product

from study.space import Factor, Range, SearchSpace
from study.task import Level, same
from study.trial import TrialConfig

MOST_CELLS = 100_000

Point = dict[str, Level]
"""A point as its changes from the baseline, which is the empty one."""


def points(space: SearchSpace) -> Iterator[Point]:
    """The points of an enumerated design, the baseline first; of a sweep the baseline alone."""
    levels = space.config({}, seed=0).levels()
    changes = [[{f.name: v} for v in _listed(f) if not same(v, levels[f.name])] for f in space.factors]
    match space.design.kind:
        case "grid":
            # Every factor stays as it is or takes another level; where all stay, there is the baseline.
            for choice in product(*([{}, *others] for others in changes)):
                yield {name: value for change in choice for name, value in change.items()}
        case "ablation" | "dose":
            yield from chain([{}], *changes)
        case "sweep":
            yield {}


def cells(space: SearchSpace) -> Iterator[TrialConfig]:
    """The cells of an enumerated design: every point on the first seed, then every point on the next.

    A study that is stopped early has thus the same seeds at every point.
    """
    return (space.config(point, seed=seed) for seed in space.seeds for point in points(space))


def count(space: SearchSpace) -> int:
    """The number of cells, computed without listing them."""
    design = space.design
    if design.kind == "sweep":
        searched = count_points(space)
        return searched + (min(design.confirm.top, searched - 1) + 1) * design.confirm.seeds
    return count_points(space) * len(space.seeds)


def count_points(space: SearchSpace) -> int:
    """The number of points; of a sweep, how many its search tries: no more than there are."""
    sizes = [factor.size for factor in space.factors if factor.size is not None]
    match space.design.kind:
        case "grid":
            return math.prod(sizes)
        case "ablation" | "dose":
            return 1 + sum(size - 1 for size in sizes)
        case "sweep":
            trials = space.design.trials
            return min(trials, math.prod(sizes)) if len(sizes) == len(space.factors) else trials


def _listed(factor: Factor) -> tuple[Level, ...]:
    return () if isinstance(factor.levels, Range) else factor.levels
