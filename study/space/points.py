"""Lists and counts the points and cells of a study. A sweep can only be counted, because a sampler chooses them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, product

from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, label
from study.task import Level, same

MOST_CELLS = 100_000

Point = dict[str, Level]
"""A point as its changes from the baseline, which is the empty point."""


def listed_points(space: SearchSpace) -> Iterator[Point]:
    """Yields every point that the design lists, the baseline first. A sweep lists the baseline only.

    If points are of equal size, each has the level that was chosen for it.
    """
    match = space.match
    for point in asked_points(space):
        chosen = match.levels.get(label(point)) if match else None
        yield point if match is None or chosen is None else {**point, match.setting: chosen}


def asked_points(space: SearchSpace) -> Iterator[Point]:
    """Yields every point that the design lists, without what makes them equally large."""
    levels = space.config({}, seed=0).levels()
    changes = {f.name: [{f.name: v} for v in _listed(f) if not same(v, levels[f.name])] for f in space.factors}

    def crossed(factors: Iterable[Factor], start: Point) -> Iterator[Point]:
        # Each factor keeps its level or takes another one. If all keep theirs, the point is the start.
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
    """Yields the cells of a design that lists its points: every point on the first seed, then on the next seed.

    So if a study is stopped early, its points have the same seeds, except for the last seed.
    """
    return (space.config(point, seed=seed) for seed in space.seeds for point in listed_points(space))


def count_cells(space: SearchSpace) -> int:
    """Returns the number of cells, without listing them. With looks, the largest number."""
    design = space.design
    if design.kind == "sweep":
        searched = count_points(space)
        return searched + (min(design.confirm.top, searched - 1) + 1) * design.confirm.seeds
    return count_points(space) * len(space.seeds)


def count_first_cells(space: SearchSpace) -> int:
    """Returns the number of cells without those that a look may add."""
    if not space.looks:
        return count_cells(space)
    first = space.look_seeds[0]
    return first.baseline + (count_points(space) - 1) * first.variants


def count_points(space: SearchSpace) -> int:
    """Returns the number of points. For a sweep this is the number that its search tries, at most as many as exist."""
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
    """Returns the number of variants that are compared with the baseline on the same number of seeds.

    Nuisance factors add no variants to a grid, because each point of the other factors is compared only at the nuisance
    levels that suit it best.
    """
    asked = [factor for factor in space.factors if factor.name not in space.nuisance]
    if space.design.kind == "grid" and asked and not any(factor.when for factor in space.factors):
        return _combinations(asked) - 1
    others = count_points(space) - 1
    return min(space.design.confirm.top, others) if space.design.kind == "sweep" else others


def _combinations(factors: Sequence[Factor]) -> int:
    """Returns the number of different points that these factors make. The levels of each factor must be countable."""
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
    """Returns a case for each level of a factor that a condition names, then one case for all its other levels.

    A case is the factor's name, a level, and how many levels the case stands for.
    """
    conditions = [level for other in conditional for level in other.when.get(factor.name, ())]
    named = {(isinstance(level, bool), level): level for level in conditions}
    others = (factor.size or 0) - len(named)
    return [*((factor.name, level, 1) for level in named.values()), (factor.name, _ANY_OTHER, others)]


_ANY_OTHER = "\0"
"""Stands for all levels that no condition names. No factor has this text as a level."""


def _listed(factor: Factor) -> tuple[Level, ...]:
    return () if isinstance(factor.levels, Range) else factor.levels
