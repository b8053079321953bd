"""Random points that were not tried yet: they take over when a sampler repeats itself."""

import math
import random
from collections.abc import Container, Iterator, Sequence
from itertools import product

from study.space.cell_key import digest
from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import TrialConfig
from study.sweep.tried_point import SEED
from study.task import Level

_MOST_POINTS = 10_000
"""A space with more points than this is not listed: this many points are drawn from it instead."""


def untried_point(space: SearchSpace, *, excluded: Container[str], history: int) -> TrialConfig | None:
    """Returns a random point that the task accepts and whose key is not in `excluded`; None if there is none left.

    The point depends only on the study's seed and on `history`, the number of points tried so far.
    """
    problems = task_of(space).problems
    for point in _shuffled_points(space, random.Random(digest([space.design.seed, history, "unseen"]))):
        config = space.config(space.existing(point), seed=SEED)
        if config.key not in excluded and not problems(config.settings):
            return config
    return None


def _shuffled_points(space: SearchSpace, generator: random.Random) -> Iterator[dict[str, Level]]:
    """Yields every point in a random order. If there are too many to list, yields random points instead."""
    names, sizes = [f.name for f in space.factors], [f.size for f in space.factors if f.size is not None]
    if len(sizes) == len(names) and math.prod(sizes) <= _MOST_POINTS:
        points = list(product(*map(_all_levels, space.factors)))
        generator.shuffle(points)
        yield from (dict(zip(names, point, strict=True)) for point in points)
        return
    for _ in range(_MOST_POINTS):
        yield {factor.name: _random_level(factor.levels, generator) for factor in space.factors}


def _all_levels(factor: Factor) -> Sequence[Level]:
    levels = factor.levels
    return [levels.at(index) for index in range(levels.size or 0)] if isinstance(levels, Range) else levels


def _random_level(levels: tuple[Level, ...] | Range, generator: random.Random) -> Level:
    if not isinstance(levels, Range):
        return generator.choice(levels)
    if levels.size is not None and not levels.log:
        return levels.at(generator.randrange(levels.size))
    if not levels.log:
        return generator.uniform(levels.low, levels.high)
    level = math.exp(generator.uniform(math.log(levels.low), math.log(levels.high)))
    # The exponential of a logarithm may miss the end of the range by a bit.
    inside = min(max(level, levels.low), levels.high)
    return round(inside) if levels.whole else inside
