"""The words of a verdict, the same wherever one is shown. Needs no pandas."""

import math
from typing import TYPE_CHECKING

from study.inference.verdict_rule import FEWEST_SEEDS

if TYPE_CHECKING:
    from study.inference.effects import Effect


def verdict_text(effect: "Effect") -> str:
    """Returns the verdict as a table shows it: `undecided (11 seeds)`, `helps, 2 of 10 diverged`."""
    return ", ".join(filter(None, (_conclusion(effect), effect.lost)))


def verdict_words(effect: "Effect") -> str:
    """Returns the verdict without the number of seeds that would decide it."""
    return ", ".join(filter(None, (_conclusion(effect).partition(" (")[0], effect.lost)))


def _conclusion(effect: "Effect") -> str:
    if effect.verdict == "confounded":
        return effect.verdict
    if effect.verdict != "undecided":
        return effect.verdict + (", within the margin" if effect.within and effect.verdict != "no difference" else "")
    seeds = min(effect.tested, effect.baseline_seeds)
    if math.isnan(effect.p):
        return f"no test: {seeds or 'no'} seed"
    if seeds < FEWEST_SEEDS:
        return f"no verdict: {seeds} seeds"
    if math.isnan(effect.low):
        return "undecided (no seed differs)"
    needed = f"{effect.deciding:,.0f}" if math.isfinite(effect.deciding) else "over 1,000"
    return f"undecided ({needed} seeds)"
