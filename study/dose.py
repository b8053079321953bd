"""One numeric factor, its levels in order: does the objective follow it, and from which level does more not pay?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from study.contrast import contrast, paired
from study.inference import CONFIDENCE, Difference
from study.mixture import confounded
from study.tidy import around_baseline, comparable, complete, isolated, objective, varied

ALPHA = 1 - CONFIDENCE
ONE_SIDED = 1 - 2 * ALPHA
"""The confidence of an interval whose upper end alone holds at 95 %."""
FEWEST = 3
"""Levels from which there is a curve; two are one difference."""


@dataclass(frozen=True)
class Dose:
    """What a curve over ordered levels shows; levels as the table has them, the lowest first."""

    factor: str
    levels: tuple[float, ...]
    missing: tuple[float, ...]
    """Levels that were tried and have no complete cell: the curve has a hole there."""
    confounded: bool
    """Whether a level shares no device, or the like, with the baseline; then nothing is concluded."""
    trend: Difference
    """Change of the objective a step up: the slope of the levels' means on their ranks, variances unequal."""
    beaten_below: float
    """Every level below this one is shown to be worse than a higher one; this one is not shown to be."""
    gain: float
    """How much better than `beaten_below` a higher level may still be: the largest upper end over these comparisons."""
    enough_from: float
    """The lowest level from which every higher one is shown to gain less than the margin; at the latest the highest."""
    margin: float
    """What makes no difference in practice; 0 where the study declares nothing."""

    @property
    def decided(self) -> bool:
        """Whether more is shown to stop paying at `enough_from`, before the highest level."""
        return self.enough_from <= self.beaten_below and self.enough_from < self.levels[-1]


def doses(table: pd.DataFrame) -> list[str]:
    """The factors that have such a curve: numbers, varied alone, three or more with a complete cell."""
    return [factor for factor in varied(table) if isolated(table, factor) and len(_levels(table, factor)) >= FEWEST]


def dose(table: pd.DataFrame, factor: str, *, margin: float = 0.0, pairs: bool = False) -> Dose:
    """The curve of a factor that `doses` names; `pairs` where the study declares its seeds paired."""
    cells = around_baseline(comparable(table), [factor])
    level = pd.to_numeric(cells[f"level.{factor}"])
    samples = _samples(complete(cells).assign(level=level), objective(table), pairs=pairs)
    levels = tuple(samples)
    sign = 1 if (table["direction"] == "maximize").all() else -1
    steps = _Steps([sign * sample for sample in samples.values()], pairs)
    beaten = steps.beaten_below()
    return Dose(
        factor,
        levels,
        tuple(sorted(set(level.dropna()) - set(levels))),
        bool(confounded(cells)),
        _trend(list(samples.values()), pairs),
        levels[beaten],
        steps.gain(beaten),
        levels[steps.enough_from(margin)],
        margin,
    )


class _Steps:
    """Comparisons of levels with higher ones, in a fixed order, so that few seeds are not spent on correction.

    Samples are signed: more is better.
    """

    def __init__(self, samples: Sequence[np.ndarray], pairs: bool) -> None:
        self.samples = samples
        self.pairs = pairs

    def beaten_below(self) -> int:
        """From the bottom, each level against all above it (Bonferroni), until one is not shown to be worse.

        A sequence that ends at its first failure holds its level without further correction (Maurer et al. 1995).
        """
        top = len(self.samples) - 1
        for low in range(top):
            against = [self._gain(low, high) for high in range(low + 1, top + 1)]
            if not any(gain.value > 0 and gain.p * len(against) < ALPHA for gain in against):
                return low
        return top

    def enough_from(self, margin: float) -> int:
        """From the top, each level against all above it, as long as all are shown to gain less than the margin.

        Each by a one-sided test at 5 %, as a margin is tested everywhere here; all must be shown at once, so that no
        correction is due (an intersection–union test).
        """
        enough = len(self.samples) - 1
        while enough and all(
            self._gain(enough - 1, high, ONE_SIDED).high < margin for high in range(enough, len(self.samples))
        ):
            enough -= 1
        return enough

    def gain(self, low: int) -> float:
        """The largest gain above a level that the data allow, at 95 % for all higher levels together."""
        above = range(low + 1, len(self.samples))
        confidence = 1 - ALPHA / max(len(above), 1)
        # Not `max`: where a bound is unknown, so is the largest.
        return float(np.max([0.0, *(self._gain(low, high, confidence).high for high in above)]))

    def _gain(self, low: int, high: int, confidence: float = CONFIDENCE) -> Difference:
        both = [self.samples[high], self.samples[low]]
        return (paired if self.pairs else contrast)(both, [1.0, -1.0], confidence=confidence)


def _trend(samples: Sequence[np.ndarray], pairs: bool) -> Difference:
    # Ranks: levels are chosen at steps that are meant to matter alike, 1, 2, 4 … as often as 1, 2, 3 …
    rank = np.arange(len(samples)) - (len(samples) - 1) / 2
    return (paired if pairs else contrast)(samples, list(rank / (rank**2).sum()))


def _samples(cells: pd.DataFrame, column: str, *, pairs: bool) -> dict[float, np.ndarray]:
    """The objective at each level, the lowest first; of pairs only the seeds that are complete at every level."""
    wide = cells.pivot_table(index="seed", columns="level", values=column)
    if pairs:
        wide = wide.dropna()
    return {float(str(level)): wide[level].dropna().to_numpy(float) for level in wide}


def _levels(table: pd.DataFrame, factor: str) -> list[float]:
    """The levels with a complete cell, where they are numbers; else none."""
    column = complete(around_baseline(comparable(table), [factor]))[f"level.{factor}"].dropna()
    if column.map(lambda level: isinstance(level, bool | np.bool_)).any():
        return []
    numbers = pd.to_numeric(column, errors="coerce")
    return [] if numbers.isna().any() else sorted(set(map(float, numbers)))


def sentence(dose: Dose, *, name: str = "") -> str:
    """What the curve shows, for a reader; `name` is what they call the factor."""
    name = name or dose.factor
    if dose.confounded:
        return f"Trend over {name}: confounded, its levels ran in different environments."
    if np.isnan(dose.trend.p):
        return f"Trend over {name}: not to be tested, for a level has a single seed, or no seed differs from another."
    ends = f"{dose.trend.low:+.3g} to {dose.trend.high:+.3g}"
    trend = f"Linear trend over the ranks of {name}: {dose.trend.value:+.3g} a level ({ends}, {_p(dose.trend.p)})"
    hole = f", without {_some(dose.missing)}, which no seed completed" if dose.missing else ""
    return f"{trend}{hole}. {_plateau(dose)}".replace("-", "−")


def _plateau(dose: Dose) -> str:
    beaten, enough, top = (f"{level:g}" for level in (dose.beaten_below, dose.enough_from, dose.levels[-1]))
    if dose.decided:
        return f"More stops paying at {enough}: no higher level gains {_margin(dose)} (95 %)."
    if beaten == top:
        return f"More pays up to the highest level, {top}, and may beyond."
    lowest = dose.beaten_below == dose.levels[0]
    below = "" if lowest else f"Each level below {beaten} is shown to be worse than a higher one; "
    may = (
        f"{'Above' if lowest else 'above'} {beaten} none is shown to be better, yet up to {dose.gain:+.3g} is possible"
    )
    return f"{below}{may}: from {beaten} to {enough} it is undecided where more stops paying."


def _margin(dose: Dose) -> str:
    return f"the margin, {dose.margin:g}," if dose.margin else "anything"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _some(levels: Sequence[float]) -> str:
    return ", ".join(f"{level:g}" for level in levels)
