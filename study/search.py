"""Which point a sweep tries next: a thin use of Optuna's samplers and pruners."""

import itertools
import math
import random
from collections.abc import Container, Mapping

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from study.space import Factor, Range, SearchSpace
from study.task import Level
from study.trial import TrialConfig, digest

_TRIES = 10_000


def sampler(space: SearchSpace, *, history: int) -> optuna.samplers.BaseSampler:
    """The study's sampler, seeded by the study's seed and the number of trials so far.

    So the next suggestion depends on what happened, never on how often the launcher was started.
    """
    seed = int(digest([space.design.seed, history])[:8], 16)
    if space.design.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def pruner(space: SearchSpace) -> optuna.pruners.BasePruner:
    """The study's pruner; Optuna's default is a median pruner, and a pruned variant would bias every effect."""
    return optuna.pruners.MedianPruner() if space.design.pruner == "median" else optuna.pruners.NopPruner()


def distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """What Optuna is told about each factor.

    An enumerated study tells it everything that the task allows and not the levels of today: Optuna refuses a
    categorical parameter whose choices change, and a study may get further levels.
    """
    sampled = space.design.kind == "sweep"
    return {factor.name: _sampled(factor) if sampled else _enumerated(factor) for factor in space.factors}


def _sampled(factor: Factor) -> BaseDistribution:
    if not isinstance(factor.levels, Range):
        return CategoricalDistribution(factor.levels)
    low, high, step, log = factor.levels.low, factor.levels.high, factor.levels.step, factor.levels.log
    if factor.levels.whole:
        return IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return FloatDistribution(low, high, log=log, step=step)


def _enumerated(factor: Factor) -> BaseDistribution:
    if factor.choices:
        return CategoricalDistribution(factor.choices)
    assert not isinstance(factor.levels, Range)  # A range in an enumerated design was refused when the file was read.
    numbers = [level for level in factor.levels if not isinstance(level, str)]
    if all(isinstance(number, int) for number in numbers):
        return IntDistribution(int(min(numbers)), int(max(numbers)))
    return FloatDistribution(min(numbers), max(numbers))


def unseen(space: SearchSpace, *, seen: Container[str], history: int) -> TrialConfig | None:
    """A random point that was not tried yet, for when the sampler repeats itself; None where there is none left."""
    chance = random.Random(digest([space.design.seed, history, "unseen"]))
    listed = [factor.levels for factor in space.factors if not isinstance(factor.levels, Range)]
    finite = len(listed) == len(space.factors) and math.prod(map(len, listed)) <= _TRIES
    if finite:
        points = list(itertools.product(*listed))
        chance.shuffle(points)
    else:
        points = [tuple(_draw(factor, chance) for factor in space.factors) for _ in range(_TRIES)]
    for point in points:
        levels: Mapping[str, Level] = {f.name: level for f, level in zip(space.factors, point, strict=True)}
        config = space.config(levels, seed=0)
        if config.key not in seen:
            return config
    return None


def _draw(factor: Factor, chance: random.Random) -> Level:
    levels = factor.levels
    if not isinstance(levels, Range):
        return chance.choice(levels)
    if levels.step or levels.whole:
        steps = math.floor((levels.high - levels.low) / (levels.step or 1))
        return levels.low + chance.randint(0, steps) * (levels.step or 1)
    if levels.log:
        return math.exp(chance.uniform(math.log(levels.low), math.log(levels.high)))
    return chance.uniform(levels.low, levels.high)
