"""Which point a sweep tries next, and which it gives up: a thin use of Optuna's samplers and pruners.

All here follows from the study's seed and what was tried so far, never from the process: each suggestion is drawn in a
study of its own, in memory, that is told the history.
"""

import math
import random
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from statistics import fmean

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import TrialConfig, digest
from study.task import Level, same

SEED = 0
"""Of every trial of a search; what it finds is confirmed on the seeds that follow."""
_REDRAWS = 8
_TRIES = 10_000
_POPULATION = 10
"""Trials in a generation of NSGA-II: Optuna's 50 are more than most sweeps have in all."""
_HALVED = 3
"""One in so many trials goes on, as in the paper of Hyperband."""
_PATIENCE = 1
"""Epochs without a new best of its own that a trial is granted, as in Optuna's own example."""


@dataclass(frozen=True)
class Draw:
    """A point to try, and how it was come to."""

    config: TrialConfig
    draws: int = 1
    """How many points the sampler drew for it, those that were tried before included."""
    marks: Mapping[str, object] = field(default_factory=dict)
    """What the sampler wrote on it, to find it again in the history."""
    note: str = ""
    """How it was drawn, where that was not the sampler's first draw."""


@dataclass(frozen=True)
class Tried:
    """A point that was tried, and what came of it so far, as Optuna tells it."""

    draw: Draw
    state: TrialState
    values: Sequence[float] | None = None
    curve: Mapping[int, float] = field(default_factory=dict)
    """The objective after each epoch."""
    excess: Mapping[str, float] = field(default_factory=dict)
    """How far its model is beyond each constraint."""


def sampler(space: SearchSpace, *, history: int) -> optuna.samplers.BaseSampler:
    """The study's sampler, seeded by the study's seed and the number of draws so far.

    So the next suggestion depends on what happened, never on how often the launcher was started.
    """
    seed = int(digest([space.design.seed, history])[:8], 16)
    with _experiments():
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


def pruner(space: SearchSpace) -> optuna.pruners.BasePruner:
    """The pruner of the search; Optuna's default is a median pruner, and a pruned variant would bias every effect."""
    with _experiments():
        match space.design.pruner:
            case "median":
                return optuna.pruners.MedianPruner()
            case "hyperband":
                most = space.fidelity.epochs
                return optuna.pruners.HyperbandPruner(max_resource=most, reduction_factor=_HALVED)
            case "successive_halving":
                return optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=_HALVED)
            case "patient":
                return optuna.pruners.PatientPruner(optuna.pruners.MedianPruner(), patience=_PATIENCE)
            case "none" | "wilcoxon":
                return optuna.pruners.NopPruner()


@contextmanager
def _experiments() -> Iterator[None]:
    """Keep to ourselves which of its parts Optuna calls experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


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


def suggest(space: SearchSpace, tried: Sequence[Tried], *, seen: Container[str]) -> Draw | None:
    """The next point to try: the sampler's, or a random one where it repeats itself; None where there is none left.

    `seen` are the keys of what was tried, the baseline first, and of what else must not be.
    """
    refusals = task_of(space).problems
    for draw in _draws(space, tried):
        if draw.config.key not in seen and not refusals(draw.config.settings):
            return draw
        if draw.draws == _REDRAWS:
            break
    new = unseen(space, seen=seen, history=len(tried))
    return None if new is None else Draw(new, _REDRAWS, note="drawn at random, for the sampler repeated itself")


def _draws(space: SearchSpace, tried: Sequence[Tried]) -> Iterator[Draw]:
    """What the sampler would try next, seen with today's factors and levels; then what else."""
    told = distributions(space)
    # In memory: there a changed distribution is no contradiction, and what is only drawn leaves no trial behind.
    scratch = optuna.create_study(directions=[objective.direction for objective in space.objectives])
    scratch.add_trials(trial for point in tried if (trial := _told(space, told, point)))
    # Counted in points and not in trials: what was lost and run again changes no later suggestion.
    first = len(tried) * _REDRAWS
    if space.design.sampler == "qmc":
        _enter(scratch, sampler(space, history=first), place=sum(point.draw.draws for point in tried[1:]))
    for number in range(_REDRAWS):
        scratch.sampler = sampler(space, history=first + number)
        drawn = scratch.ask(told)
        config = space.config(space.existing(drawn.params), seed=SEED)
        note = f"draw {number + 1} of the sampler, which repeated itself" if number else ""
        yield Draw(config, number + 1, _marks(space, scratch), note)


def _told(space: SearchSpace, told: Mapping[str, BaseDistribution], point: Tried) -> FrozenTrial | None:
    """What the sampler is told of a point; nothing where it failed, or is none any more."""
    levels = point.draw.config.levels()
    there = {factor.name for factor in space.factors if factor.exists(levels)}
    if point.state == TrialState.FAIL or not all(_fits(space, factor, levels) for factor in space.factors):
        return None
    return create_trial(
        state=point.state,
        values=point.values,
        params={name: levels[name] for name in told if name in there},
        distributions={name: distribution for name, distribution in told.items() if name in there},
        intermediate_values=dict(point.curve),
        system_attrs=dict(point.draw.marks),
        constraints=dict(point.excess),
    )


def _fits(space: SearchSpace, factor: Factor, levels: Mapping[str, Level]) -> bool:
    """Whether a point's level of a factor is one of today's; where the factor does not exist, the baseline's."""
    if factor.exists(levels):
        return factor.holds(levels[factor.name])
    return same(levels[factor.name], space.baseline.get(factor.name, space.fidelity.train_examples))


def _enter(scratch: optuna.Study, sequence: optuna.samplers.BaseSampler, *, place: int) -> None:
    """Enter a quasi-random sequence where it was left: the sampler counts its draws in the study."""
    if trials := scratch.get_trials(deepcopy=False):
        among = sequence.infer_relative_search_space(scratch, trials[0])
        for _ in range(place):
            sequence.sample_relative(scratch, trials[0], among)


def _marks(space: SearchSpace, scratch: optuna.Study) -> dict[str, object]:
    """What the sampler wrote on the last draw, of those that read it again: a generation, and its distribution."""
    if space.design.sampler not in ("cmaes", "nsga2"):
        return {}
    return dict(scratch.get_trials(deepcopy=False)[-1].system_attrs)


def unseen(space: SearchSpace, *, seen: Container[str], history: int) -> TrialConfig | None:
    """A random point that can be and was not tried, for when the sampler repeats itself; None where none is left."""
    refusals = task_of(space).problems
    for point in _shuffled(space, random.Random(digest([space.design.seed, history, "unseen"]))):
        config = space.config(space.existing(point), seed=SEED)
        if config.key not in seen and not refusals(config.settings):
            return config
    return None


def _shuffled(space: SearchSpace, chance: random.Random) -> Iterator[dict[str, Level]]:
    """Every point in a random order; where there are too many to list, as many random ones."""
    names, sizes = [f.name for f in space.factors], [f.size for f in space.factors if f.size is not None]
    if len(sizes) == len(names) and math.prod(sizes) <= _TRIES:
        points = list(product(*map(_levels, space.factors)))
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


class Race:
    """The points of a search as its pruner sees them: one trial each, in the order in which they came.

    What was lost and run again counts once, so that a kill changes no later judgement.
    """

    def __init__(self, space: SearchSpace, tried: Iterable[Tried]) -> None:
        # Hyperband deals points out by the study's name and their number.
        name = f"seed {space.design.seed}"
        self._study = optuna.create_study(
            study_name=name, direction=space.objective.direction, pruner=pruner(space), sampler=_NEVER
        )
        self._trials: dict[str, optuna.Trial] = {}
        for point in tried:
            self.begin(point.draw.config.key)
            if point.state == TrialState.FAIL:  # It is still to come.
                continue
            for epoch, value in point.curve.items():
                self.goes_on(point.draw.config.key, epoch, value)
            if point.state.is_finished():
                self.end(point)

    def begin(self, key: str) -> None:
        """A point sets out; again, where a trial of it failed."""
        if key not in self._trials:
            self._trials[key] = self._study.ask()

    def goes_on(self, key: str, epoch: int, value: float) -> bool:
        """Whether a point with this value after this epoch is run on."""
        self._trials[key].report(value, step=epoch)
        return not self._trials[key].should_prune()

    def end(self, point: Tried) -> None:
        """A point has come to its end, or was given up."""
        values = point.values if point.state == TrialState.COMPLETE else None
        self._study.tell(self._trials[point.draw.config.key], values, state=point.state)


_NEVER = optuna.samplers.RandomSampler(seed=0)
"""A race draws nothing."""


def beaten(space: SearchSpace, results: Mapping[str, Mapping[int, float]]) -> dict[str, str]:
    """The points that Wilcoxon's test finds worse than the best, each with the sentence that says so.

    `results` are the values of each point by seed.
    """
    known = {point: values for point, values in results.items() if values}
    if not known:
        return {}
    best = max(known, key=lambda point: space.objective.sign * fmean(known[point].values()))
    study = optuna.create_study(direction=space.objective.direction, sampler=_NEVER)
    study.add_trial(create_trial(value=fmean(known[best].values()), intermediate_values=dict(known[best])))
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge = optuna.pruners.WilcoxonPruner(p_threshold=0.1)
        for point, values in known.items():
            if judge.prune(study, create_trial(state=TrialState.RUNNING, intermediate_values=dict(values))):
                found[point] = f"worse than {best} on {len(values)} seeds (Wilcoxon, p < 0.1)"
    return found
