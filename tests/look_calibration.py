"""How often a study with looks errs, what it finds and what it costs, by simulation: part of `make calibration`."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from study.inference.looks import Plan, Standing, to_the_end, trials
from study.inference.multiplicity import Array
from study.space.looks import look_seeds

LOOKS = (5, 8, 12, 20)
VARIANTS, SEEDS = 8, LOOKS[-1]
FIXED = (VARIANTS + 1) * SEEDS
"""The trials of the same study on twenty seeds at every point."""
PLAN = Plan(look_seeds(LOOKS, paired=False), "welch", None, 1)
WITH_MARGIN = PLAN._replace(margin=1.0)
EFFECT = 2.0
_BATCH = 1_000
Draw = Callable[[np.random.Generator, int], Array]
"""Draws so many studies, [study, point, seed]."""


def normal(means: Array | float = 0.0, spreads: Array | float = 1.0) -> Draw:
    """Normal noise around the means of the points."""

    def draw(random: np.random.Generator, size: int) -> Array:
        noise = random.normal(size=(size, VARIANTS + 1, SEEDS))
        return np.reshape(means, (-1, 1)) + np.reshape(spreads, (-1, 1)) * noise

    return draw


def failing(chance: float, *, variants_only: bool = False) -> Draw:
    """Results near 0.4, of which some fail: 0.1. Without `variants_only` the baseline fails as often."""

    def draw(random: np.random.Generator, size: int) -> Array:
        shape = (size, VARIANTS + 1, SEEDS)
        failed = random.random(shape) < chance
        failed[:, 0] &= not variants_only
        return np.where(failed, 0.1, 0.4) + 0.02 * random.normal(size=shape)

    return draw


def spread_of(ratio: float) -> Array:
    """The standard deviations if each variant's is `ratio` times the baseline's."""
    return np.array([1.0, *[ratio] * VARIANTS])


NO_EFFECT: Mapping[str, tuple[Draw, float]] = {
    "sd all equal": (normal(), 0.05),
    "sd graded 1 to 3": (normal(spreads=np.linspace(1, 3, VARIANTS + 1)), 0.05),
    "variants 3 times as noisy": (normal(spreads=spread_of(3)), 0.06),
    "variants 5 times as noisy": (normal(spreads=spread_of(5)), 0.06),
    **{f"each seed fails with probability {chance}": (failing(chance), 0.05) for chance in (0.1, 0.3, 0.5)},
}
"""Studies without any effect, and how often they may find one."""
TWO_EFFECTS = normal(np.array([0, EFFECT, EFFECT, *[0.0] * (VARIANTS - 2)]))
AT_MARGIN = normal(np.array([0.0, *[1.0] * VARIANTS]))


def ends(draw: Draw, plan: Plan, *, draws: int, seed: int = 0) -> Iterator[Standing]:
    """Yields the standing at the end of simulated studies, in batches."""
    random = np.random.default_rng(seed)
    for start in range(0, draws, _BATCH):
        yield to_the_end(draw(random, min(_BATCH, draws - start)), plan)


def family_wise_error(draw: Draw, *, draws: int) -> float:
    """How often any difference is found where there is none."""
    return float(np.concatenate([(end.found != 0).any(-1) for end in ends(draw, PLAN, draws=draws)]).mean())


def false_equivalence(*, draws: int) -> float:
    """How often a variant whose effect is the margin is called no different."""
    return float(np.concatenate([end.within for end in ends(AT_MARGIN, WITH_MARGIN, draws=draws)]).mean())


class Found(NamedTuple):
    """What studies of two effects of two standard deviations among eight variants find, and what they cost."""

    power: float
    """How often a real effect is found."""
    error: float
    """How often any of the six others is called different."""
    same: float
    """How often one of the six is called no different."""
    trials: float
    """The mean number of trials, as a share of those on twenty seeds at every point."""


def two_effects(plan: Plan, *, draws: int) -> Found:
    """Returns what these studies find."""
    found, within, cost = [], [], []
    for end in ends(TWO_EFFECTS, plan, draws=draws):
        found.append(end.found)
        within.append(end.within)
        cost.append(trials(end, plan))
    verdicts = np.concatenate(found)
    return Found(
        power=float((verdicts[:, :2] > 0).mean()),
        error=float((verdicts[:, 2:] != 0).any(-1).mean()),
        same=float(np.concatenate(within)[:, 2:].mean()),
        trials=float(np.concatenate(cost).mean() / FIXED),
    )


def mixtures_called_the_same(*, draws: int) -> tuple[float, float]:
    """Where variants alone fail, with probability 0.1, and the margin is 0.3: two shares of the variants.

    Returns how many are called no different although one of the seeds that were seen had failed, and how many although
    none had.
    """
    random, plan = np.random.default_rng(1), PLAN._replace(margin=0.3)
    mixed, clean = [], []
    for start in range(0, draws, _BATCH):
        values = failing(0.1, variants_only=True)(random, min(_BATCH, draws - start))
        end = to_the_end(values, plan)
        seeds = np.array(LOOKS)[np.where(end.goes_on, len(LOOKS) - 1, end.stopped)]
        failed = ((values[:, 1:] < 0.25) & (np.arange(SEEDS) < seeds[..., None])).any(-1)
        mixed.append(end.within & failed)
        clean.append(end.within & ~failed)
    return float(np.concatenate(mixed).mean()), float(np.concatenate(clean).mean())


def print_tables(draws: int) -> None:
    """Print the README's tables of studies with looks."""
    print("\n| looks at 5, 8, 12 and 20 seeds, no effect anywhere | finds any difference | may |\n|---|--:|--:|")
    for words, (draw, most) in NO_EFFECT.items():
        print(f"| {words} | {_percent(family_wise_error(draw, draws=draws))} | {100 * most:.0f} % |", flush=True)
    print(f'| effects that equal the margin: "no difference" | {_percent(false_equivalence(draws=draws))} | 5 % |')
    mixed, clean = mixtures_called_the_same(draws=draws)
    print(f'| variants alone fail with .1: "no difference", a seed failed | {_percent(mixed)} | 0 % |')
    print(f'| variants alone fail with .1: "no difference", none failed | {_percent(clean)} | |')
    print("\n| two of eight variants have effects of 2 sd | power | error | six called the same | trials, of 180 |")
    print("|---|--:|--:|--:|--:|")
    for words, plan in (("margin of 1 sd", WITH_MARGIN), ("no margin", PLAN)):
        found = two_effects(plan, draws=draws)
        rates = " | ".join(map(_percent, (found.power, found.error, found.same)))
        print(f"| {words} | {rates} | {FIXED * found.trials:.0f} |", flush=True)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
