"""Which points and cells a study has. Of a sweep only their number is known, because a sampler chooses them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product

from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig
from study.task import Level, same

MOST_CELLS = 100_000

Point = dict[str, Level]
"""A point as its changes from the baseline, which is the empty point."""


def listed_points(space: SearchSpace) -> Iterator[Point]:
    """The points of a design that lists them, the baseline first; of a sweep the baseline alone."""
    levels = space.config({}, seed=0).levels()
    changes = {f.name: [{f.name: v} for v in _listed(f) if not same(v, levels[f.name])] for f in space.factors}

    def crossed(factors: Iterable[Factor], start: Point) -> Iterator[Point]:
        # Every factor stays as it is or takes another level; if all of them stay, the point is the start.
        for choice in product(*([{}, *changes[factor.name]] for factor in factors)):
            yield {**start, **{name: value for change in choice for name, value in change.items()}}

    match space.design.kind:
        case "grid":
            conditional = [factor for factor in space.factors if factor.when]
            for point in crossed((factor for factor in space.factors if not factor.when), {}):
                yield from crossed([factor for factor in conditional if factor.exists({**levels, **point})], point)
        case "ablation" | "dose":
            yield from chain([{}], *changes.values())
        case "sweep":
            yield {}


def listed_cells(space: SearchSpace) -> Iterator[TrialConfig]:
    """The cells of a design that lists its points: every point on the first seed, then every point on the next.

    So if a study is stopped early, its points have the same seeds, except for the last.
    """
    return (space.config(point, seed=seed) for seed in space.seeds for point in listed_points(space))


def count_cells(space: SearchSpace) -> int:
    """The number of cells, computed without listing them."""
    design = space.design
    if design.kind == "sweep":
        searched = count_points(space)
        return searched + (min(design.confirm.top, searched - 1) + 1) * design.confirm.seeds
    return count_points(space) * len(space.seeds)


def count_points(space: SearchSpace) -> int:
    """The number of points; of a sweep, how many points its search tries, which are not more than exist."""
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

    Nuisance factors add no variants to a grid: each point of the other factors is compared at its best levels of these.
    """
    asked = [factor for factor in space.factors if factor.name not in space.nuisance]
    if space.design.kind == "grid" and asked and not any(factor.when for factor in space.factors):
        return _combinations(asked) - 1
    others = count_points(space) - 1
    return min(space.design.confirm.top, others) if space.design.kind == "sweep" else others


def _combinations(factors: Sequence[Factor]) -> int:
    """The number of different points that factors make; each of them has levels that can be counted."""
    conditional = [factor for factor in factors if factor.when]
    deciding = {name for factor in conditional for name in factor.when}
    free = math.prod(factor.size or 0 for factor in factors if not factor.when and factor.name not in deciding)
    count = 0
    for choice in product(*(_cases(factor, conditional) for factor in factors if factor.name in deciding)):
        levels = {name: level for name, level, _ in choice}
        existing = [factor.size or 0 for factor in conditional if factor.exists(levels)]
        count += math.prod(number for *_, number in choice) * math.prod(existing)
    return free * count


def _cases(factor: Factor, conditional: Sequence[Factor]) -> list[tuple[str, Level, int]]:
    """The levels of a factor that conditions name, one by one, then all its other levels together.

    Each case is the factor's name, a level, and how many levels it stands for.
    """
    conditions = [level for other in conditional for level in other.when.get(factor.name, ())]
    named = {(isinstance(level, bool), level): level for level in conditions}
    others = (factor.size or 0) - len(named)
    return [*((factor.name, level, 1) for level in named.values()), (factor.name, _ANY_OTHER, others)]


_ANY_OTHER = "\0"
"""Stands for levels that no condition names; no factor has this one."""


def _listed(factor: Factor) -> tuple[Level, ...]:
    return () if isinstance(factor.levels, Range) else factor.levels
