"""How many trials a study with looks will probably need, by simulation."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from study.inference.looks import Plan, to_the_end, trials

EFFECTS = (0.0, 1.0, 2.0)
"""Effects of which the expected number is told, in standard deviations over seeds."""
_DRAWS = 60
_MOST_VARIANTS = 100


class ExpectedTrials(NamedTuple):
    """The mean number of trials of a study, if every variant has an effect of this size."""

    effect: float
    """In standard deviations over seeds."""
    trials: float


def expected_trials(plan: Plan, *, variants: int, deviation: float | None) -> Sequence[ExpectedTrials]:
    """Returns the mean number of trials for several sizes of the effects, the smallest first.

    `deviation` is the standard deviation over seeds, with pairs that of their differences. If it is unknown, the margin
    is taken as one standard deviation. Returns nothing for over a hundred variants, which would take minutes.
    """
    if variants > _MOST_VARIANTS:
        return []
    if plan.margin is not None:
        plan = plan._replace(margin=1.0 if deviation is None else plan.margin / deviation)
    return [ExpectedTrials(effect, _mean(plan, variants, effect)) for effect in EFFECTS]


def expected_text(expected: Sequence[ExpectedTrials], plan: Plan, *, deviation: float | None) -> str:
    """Returns these numbers as a line. Empty if there are none."""
    if not expected:
        return ""
    none, *some = (f"{one.trials:,.0f}" for one in expected)
    sizes = " and ".join(
        f"{number} if each has one of {one.effect:g} sd" for number, one in zip(some, expected[1:], strict=True)
    )
    margin = "; the margin is taken as 1 sd" if plan.margin is not None and deviation is None else ""
    return f"cells to expect: {none} if no change has an effect, {sizes} over seeds{margin}"


def _mean(plan: Plan, variants: int, effect: float) -> float:
    random = np.random.default_rng(0)
    values = random.normal(size=(_DRAWS, variants + 1, plan.looks[-1].variants))
    if plan.method == "paired":
        values /= np.sqrt(2)
    values[:, 1:] += effect * np.where(np.arange(variants) % 2, -1, 1)[:, None]
    return float(trials(to_the_end(values, plan), plan).mean())
