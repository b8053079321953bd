"""Which point a sweep tries next: a thin use of Optuna's samplers and pruners."""

import itertools
import math
import random
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from study import task
from study.space import Factor, Range, SearchSpace
from study.task import Level
from study.trial import TrialConfig, digest

SEED = 0
"""Of every trial of a search; what it finds is confirmed on the seeds that follow."""
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


def draws(space: SearchSpace, tried: Sequence[tuple[TrialConfig, FrozenTrial]], *, first: int) -> Iterator[TrialConfig]:
    """What the sampler would try next, after these points and seen with today's factors and levels; then what else."""
    told = distributions(space)
    # In memory: there a changed distribution is no contradiction, and what is only drawn leaves no trial behind.
    scratch = optuna.create_study(direction=space.objective.direction)
    for config, trial in tried:
        levels = config.levels()
        fits = all(factor.holds(levels[factor.name]) for factor in space.factors)
        if fits and trial.state != TrialState.FAIL:
            scratch.add_trial(
                create_trial(
                    state=trial.state,
                    value=trial.value,
                    params={name: levels[name] for name in told},
                    distributions=told,
                    intermediate_values=trial.intermediate_values,
                )
            )
    for number in itertools.count(first):
        scratch.sampler = sampler(space, history=number)
        yield space.config(scratch.ask(told).params, seed=SEED)


def unseen(space: SearchSpace, *, seen: Container[str], history: int) -> TrialConfig | None:
    """A random point that can be and was not tried, for when the sampler repeats itself; None where none is left."""
    refusals = task.load(space.reference, folder=Path()).problems
    for point in _shuffled(space, random.Random(digest([space.design.seed, history, "unseen"]))):
        config = space.config(point, seed=SEED)
        if config.key not in seen and not refusals(config.settings):
            return config
    return None


def _shuffled(space: SearchSpace, chance: random.Random) -> Iterator[dict[str, Level]]:
    """Every point in a random order; where there are too many to list, as many random ones."""
    names, sizes = [f.name for f in space.factors], [f.size for f in space.factors if f.size is not None]
    if len(sizes) == len(names) and math.prod(sizes) <= _TRIES:
        points = list(itertools.product(*map(_levels, space.factors)))
        chance.shuffle(points)
        yield from (dict(zip(names, point, strict=True)) for point in points)
        return
    for _ in range(_TRIES):
        yield {factor.name: _draw(factor.levels, chance) for factor in space.factors}


def _levels(factor: Factor) -> Sequence[Level]:
    levels = factor.levels
    return [levels.at(place) for place in range(levels.size or 0)] if isinstance(levels, Range) else levels


def _draw(levels: tuple[Level, ...] | Range, chance: random.Random) -> Level:
    if not isinstance(levels, Range):
        return chance.choice(levels)
    if levels.size is not None and not levels.log:
        return levels.at(chance.randrange(levels.size))
    if not levels.log:
        return chance.uniform(levels.low, levels.high)
    drawn = math.exp(chance.uniform(math.log(levels.low), math.log(levels.high)))
    # The exponential of a logarithm may miss the end by a bit.
    inside = min(max(drawn, levels.low), levels.high)
    return round(inside) if levels.whole else inside
