"""The words of a verdict, the same wherever one is shown. Needs no pandas."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from study.inference.effects import Effect


def verdict_text(effect: "Effect") -> str:
    """Returns the verdict as a table shows it, with what an undecided comparison needs: `undecided (11 seeds)`."""
    if effect.verdict == "confounded":
        return effect.verdict
    if effect.verdict != "undecided":
        return effect.verdict + (", within the margin" if effect.within and effect.verdict != "no difference" else "")
    if math.isnan(effect.p):
        return f"no test: {min(effect.tested, effect.baseline_seeds) or 'no'} seed"
    if math.isnan(effect.low):
        return "undecided (no seed differs)"
    if math.isfinite(effect.deciding):
        return f"undecided ({effect.deciding:,.0f} seeds)"
    return "undecided (over 1,000 seeds)"


def verdict_words(effect: "Effect") -> str:
    """Returns the verdict without the number of seeds that would decide it."""
    return verdict_text(effect).partition(" (")[0]
