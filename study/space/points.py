"""Which cells a study consists of; the points of a sweep are left to Optuna, only their number is known here."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product

from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig
from study.task import Level, same

MOST_CELLS = 100_000

Point = dict[str, Level]
"""A point as its changes from the baseline, which is the empty one."""


def points(space: SearchSpace) -> Iterator[Point]:
    """The points of an enumerated design, the baseline first; of a sweep the baseline alone."""
    levels = space.config({}, seed=0).levels()
    changes = {f.name: [{f.name: v} for v in _listed(f) if not same(v, levels[f.name])] for f in space.factors}

    def crossed(factors: Iterable[Factor], start: Point) -> Iterator[Point]:
        # Every factor stays as it is or takes another level; where all stay, there is the start.
        for choice in product(*([{}, *changes[factor.name]] for factor in factors)):
            yield {**start, **{name: value for change in choice for name, value in change.items()}}

    match space.design.kind:
        case "grid":
            sometimes = [factor for factor in space.factors if factor.when]
            for point in crossed((factor for factor in space.factors if not factor.when), {}):
                yield from crossed([factor for factor in sometimes if factor.exists({**levels, **point})], point)
        case "ablation" | "dose":
            yield from chain([{}], *changes.values())
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
            return _combinations(space.factors)
        case "ablation" | "dose":
            return 1 + sum(size - 1 for size in sizes)
        case "sweep":
            trials = space.design.trials
            return min(trials, _combinations(space.factors)) if len(sizes) == len(space.factors) else trials


def count_compared(space: SearchSpace) -> int:
    """The number of variants that are compared with the baseline on the same number of seeds.

    A grid's nuisance factors make none: each choice of the others is compared at its best of their levels.
    """
    asked = [factor for factor in space.factors if factor.name not in space.nuisance]
    if space.design.kind == "grid" and asked and not any(factor.when for factor in space.factors):
        return _combinations(asked) - 1
    others = count_points(space) - 1
    return min(space.design.confirm.top, others) if space.design.kind == "sweep" else others


def _combinations(factors: Sequence[Factor]) -> int:
    """How many different points factors that can be counted make."""
    decided = [factor for factor in factors if factor.when]
    deciding = {name for factor in decided for name in factor.when}
    free = math.prod(factor.size or 0 for factor in factors if not factor.when and factor.name not in deciding)
    count = 0
    for choice in product(*(_alike(factor, decided) for factor in factors if factor.name in deciding)):
        levels = {name: level for name, level, _ in choice}
        there = [factor.size or 0 for factor in decided if factor.exists(levels)]
        count += math.prod(number for *_, number in choice) * math.prod(there)
    return free * count


def _alike(factor: Factor, decided: Sequence[Factor]) -> list[tuple[str, Level, int]]:
    """The levels over which a factor decides something, and how many others it has, over which it does not."""
    named = {(isinstance(level, bool), level): level for other in decided for level in other.when.get(factor.name, ())}
    others = (factor.size or 0) - len(named)
    return [*((factor.name, level, 1) for level in named.values()), (factor.name, _NONE, others)]


_NONE = "\0"
"""A level that no factor has."""


def _listed(factor: Factor) -> tuple[Level, ...]:
    return () if isinstance(factor.levels, Range) else factor.levels
