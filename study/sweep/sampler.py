"""Which point a sweep tries next: a thin use of Optuna's samplers.

A suggestion depends on the study's seed and on the points tried so far, never on the process. So each one is drawn in a
new Optuna study in memory, to which these points are added first.
"""

import warnings
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from study.space.cell_key import digest
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.sweep.distributions import distributions
from study.sweep.random_points import untried_point
from study.sweep.tried_point import SEED, Suggestion, TriedPoint
from study.task import Level, same

_MOST_DRAWS = 8
"""How often the sampler may draw until a point is new."""
_POPULATION = 10
"""Trials in a generation of NSGA-II. Optuna's default of 50 is more than most sweeps have in total."""


def make_sampler(space: SearchSpace, *, draws: int) -> optuna.samplers.BaseSampler:
    """Returns the study's sampler, seeded by the study's seed and the number of draws so far.

    So the next suggestion depends on the history, and never on how often the launcher was started.
    """
    seed = int(digest([space.design.seed, draws])[:8], 16)
    with no_experimental_warnings():
        match space.design.sampler:
            case "tpe":
                return optuna.samplers.TPESampler(seed=seed)
            case "random":
                return optuna.samplers.RandomSampler(seed=seed)
            case "qmc":  # One sequence for the whole search.
                return optuna.samplers.QMCSampler(
                    scramble=True, seed=space.design.seed, warn_independent_sampling=False
                )
            case "cmaes":
                return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
            case "gp":
                return optuna.samplers.GPSampler(seed=seed, warn_independent_sampling=False)
            case "nsga2":
                return optuna.samplers.NSGAIISampler(seed=seed, population_size=_POPULATION)


@contextmanager
def no_experimental_warnings() -> Iterator[None]:
    """Silence Optuna's warnings that one of its parts is experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


def suggest(space: SearchSpace, tried: Sequence[TriedPoint], *, excluded: Container[str]) -> Suggestion | None:
    """Returns the next point to try: the sampler's, or a random one if the sampler repeats itself.

    `tried` begins with the baseline. `excluded` holds the keys that must not be suggested again. Returns None if no new
    point is left.
    """
    problems = task_of(space).problems
    for suggestion in _drawn_points(space, tried):
        if suggestion.config.key not in excluded and not problems(suggestion.config.settings):
            return suggestion
    new = untried_point(space, excluded=excluded, history=len(tried))
    origin = "drawn at random because the sampler repeated itself"
    return None if new is None else Suggestion(new, _MOST_DRAWS, origin=origin)


def _drawn_points(space: SearchSpace, tried: Sequence[TriedPoint]) -> Iterator[Suggestion]:
    """Yields the points that the sampler draws, one after another, from the factors and levels of today's file."""
    asked = distributions(space)
    # In memory, Optuna accepts distributions that have changed, and a draw that is not used leaves no trial behind.
    scratch = optuna.create_study(directions=[objective.direction for objective in space.objectives])
    scratch.add_trials(trial for point in tried if (trial := _as_trial(space, asked, point)))
    # Points are counted, not trials, so that a trial that was lost and run again changes no later suggestion.
    first = len(tried) * _MOST_DRAWS
    if space.design.sampler == "qmc":
        drawn = sum(point.suggestion.draws for point in tried[1:])
        _skip(scratch, make_sampler(space, draws=first), count=drawn)
    for number in range(_MOST_DRAWS):
        scratch.sampler = make_sampler(space, draws=first + number)
        drawn_trial = scratch.ask(asked)
        config = space.config(space.existing(drawn_trial.params), seed=SEED)
        origin = f"draw {number + 1} of the sampler, which repeated itself" if number else ""
        yield Suggestion(config, number + 1, _marks(space, scratch), origin)


def _as_trial(space: SearchSpace, asked: Mapping[str, BaseDistribution], point: TriedPoint) -> FrozenTrial | None:
    """Returns a tried point as the sampler sees it. None if it failed, or if it is not a point of today's file."""
    levels = point.suggestion.config.levels()
    existing = {factor.name for factor in space.factors if factor.exists(levels)}
    if point.state == TrialState.FAIL or not all(_fits(space, factor, levels) for factor in space.factors):
        return None
    return create_trial(
        state=point.state,
        values=point.values,
        params={name: levels[name] for name in asked if name in existing},
        distributions={name: distribution for name, distribution in asked.items() if name in existing},
        intermediate_values=dict(point.curve),
        system_attrs=dict(point.suggestion.marks),
        constraints=dict(point.excess),
    )


def _fits(space: SearchSpace, factor: Factor, levels: Mapping[str, Level]) -> bool:
    """Whether today's file has the factor's level. If the factor does not exist at the point, the baseline's counts."""
    if factor.exists(levels):
        return factor.holds(levels[factor.name])
    return same(levels[factor.name], space.config({}, seed=0).levels()[factor.name])


def _skip(scratch: optuna.Study, sequence: optuna.samplers.BaseSampler, *, count: int) -> None:
    """Skip the first `count` points of a quasi-random sequence. The sampler counts its draws in the study."""
    if trials := scratch.get_trials(deepcopy=False):
        asked = sequence.infer_relative_search_space(scratch, trials[0])
        for _ in range(count):
            sequence.sample_relative(scratch, trials[0], asked)


def _marks(space: SearchSpace, scratch: optuna.Study) -> dict[str, object]:
    """Returns the attributes of the last draw. Empty unless the sampler reads them again (generation, distribution)."""
    if space.design.sampler not in ("cmaes", "nsga2"):
        return {}
    return dict(scratch.get_trials(deepcopy=False)[-1].system_attrs)
