"""The words of a verdict, the same wherever one is shown. Needs no pandas."""

import math
from typing import TYPE_CHECKING

from study.inference.verdict_rule import FEWEST_SEEDS

if TYPE_CHECKING:
    from study.inference.effects import Effect


def verdict_text(effect: "Effect") -> str:
    """Returns the verdict as a table shows it: `undecided (11 seeds)`, `helps (look 2 of 4), 2 of 10 diverged`."""
    conclusion, decided_by = _conclusion(effect)
    return _with_lost(f"{conclusion} ({decided_by})" if decided_by else conclusion, effect)


def verdict_words(effect: "Effect") -> str:
    """Returns the verdict without its look, and without the number of seeds that would decide it."""
    return _with_lost(_conclusion(effect)[0], effect)


def _with_lost(text: str, effect: "Effect") -> str:
    return f"{text}, {effect.lost}" if effect.lost else text


def _conclusion(effect: "Effect") -> tuple[str, str]:
    """Returns the verdict in words, and beside it its look, or what would decide an undecided one."""
    if effect.verdict == "confounded":
        return effect.verdict, ""
    if effect.verdict != "undecided":
        within = effect.within and effect.verdict != "no difference"
        return effect.verdict + (", within the margin" if within else ""), effect.look
    if effect.look:
        return effect.verdict, effect.look
    seeds = effect.fewest_seeds
    if math.isnan(effect.p):
        return f"no test: {seeds or 'no'} seed", ""
    if seeds < FEWEST_SEEDS:
        return f"no verdict: {seeds} seeds", ""
    if math.isnan(effect.low):
        return effect.verdict, "no seed differs"
    needed = f"{effect.deciding:,.0f}" if math.isfinite(effect.deciding) else "over 1,000"
    return effect.verdict, f"{needed} seeds"
