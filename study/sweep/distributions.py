"""The factors of a study as Optuna's distributions."""

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace


def distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """Returns Optuna's distribution of each factor, by the factor's name.

    In an enumerated study it covers everything that the task allows, not only the levels in today's file: Optuna
    refuses a categorical parameter whose choices change, and a study may get further levels.
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
    assert not isinstance(factor.levels, Range)  # The reader of the file refuses a range in an enumerated design.
    numbers = [level for level in factor.levels if not isinstance(level, str)]
    if not numbers:  # Any text is allowed. The journal takes trials with other texts later on.
        return CategoricalDistribution(factor.levels)
    if all(isinstance(number, int) for number in numbers):
        return IntDistribution(int(min(numbers)), int(max(numbers)))
    return FloatDistribution(min(numbers), max(numbers))
