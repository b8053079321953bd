"""One numeric factor with its levels in order: does the objective follow it, and where does more stop paying?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from study.inference.cell_table import (
    around_baseline,
    comparable,
    complete,
    declared,
    isolated,
    level_numbers,
    objective,
    varied,
)
from study.inference.columns import level_column, metric_name
from study.inference.contrasts import independent_contrast, paired_contrast
from study.inference.intervals import Difference
from study.inference.mixture import confounded, mixture, unbalanced
from study.inference.plateau import plateau
from study.inference.turning import turning
from study.inference.verdict_rule import ENOUGH_SEEDS, FEWEST_SEEDS
from study.space.margin import are_shares
from study.space.trial import BASELINE, label
from study.task import Level

FEWEST = 3
"""The fewest levels of a curve. Two levels are a single difference."""


@dataclass(frozen=True, kw_only=True)
class Dose:
    """What a curve over ordered levels shows. Levels are as in the table, the lowest first."""

    factor: str
    levels: tuple[float, ...]
    missing: tuple[float, ...]
    """Levels that were tried but have no complete cell. The curve has a hole there."""
    confounded: bool
    """Whether a level ran in another environment than the levels it is compared with. Then nothing is concluded."""
    trend: Difference
    """The change of the objective with each level: the slope of the means over ranks, with unequal variances."""
    beaten_below: float
    """The lowest level that is not shown to be worse than a higher one. Every level below it is."""
    gain: float
    """How much better than `beaten_below` a higher level may still be: the largest upper end of these comparisons."""
    enough_from: float
    """The lowest level for which every higher one is shown to gain less than the margin. Else the highest level."""
    margin: float
    """The largest difference that does not matter in practice. 0 if the study declares none."""
    peak: float | None = None
    """The level that is shown to be higher than a lower one and than a higher one. None if there is none."""
    dip: float | None = None
    """The level that is shown to be lower than a lower one and than a higher one. None if there is none."""
    worse_above: bool = False
    """Whether each level above `beaten_below` is shown to be worse than it."""
    seeds: int = ENOUGH_SEEDS
    """The seeds of the level that has fewest."""
    top: float = np.nan
    """The level with the highest mean."""
    bottom: float = np.nan
    """The level with the lowest mean."""

    @property
    def decided(self) -> bool:
        """Whether it is shown where more stops paying, below the highest level."""
        return self.worse_above or self._is_enough

    @property
    def _is_enough(self) -> bool:
        return self.enough_from <= self.beaten_below and self.enough_from < self.levels[-1]

    @property
    def stops_paying_at(self) -> float:
        """The level at which more stops paying, if that is decided."""
        return self.enough_from if self._is_enough else self.beaten_below

    @property
    def never_pays(self) -> bool:
        """Whether each level above the lowest is shown to be worse than the lowest."""
        return self.worse_above and self.beaten_below == self.levels[0]


def point_names(table: pd.DataFrame) -> dict[str, str]:
    """Returns how a table of results calls each point, in the order of its rows.

    The baseline comes first. If a single factor is varied and its levels are numbers, they are in order, and the
    baseline stands at its level's place.
    """
    points = dict.fromkeys([BASELINE, *map(str, table["point"].unique())])
    names = {point: point for point in points}
    factors = varied(table)
    if len(factors) != 1 or (table["point"] != BASELINE).all():
        return names
    levels = table.drop_duplicates("point").set_index("point")[level_column(factors[0])]
    numbers = level_numbers(levels)
    if numbers.isna().any():
        return names
    names[BASELINE] = f"{BASELINE} ({label({factors[0]: _plain(levels[BASELINE])})})"
    return {point: names[point] for point in sorted(points, key=numbers.__getitem__)}


def _plain(level: Any) -> Level:
    plain: Level = level.item() if isinstance(level, np.generic) else level
    return plain


def doses(table: pd.DataFrame) -> list[str]:
    """Returns the factors that have a curve: varied alone, with complete cells at three or more numeric levels."""
    return [factor for factor in varied(table) if isolated(table, factor) and len(_levels(table, factor)) >= FEWEST]


def dose(table: pd.DataFrame, factor: str) -> Dose:
    """Returns the curve of a factor that `doses` names. Compares pairs if the study declares its seeds paired.

    It does not use declared equal variances, because the tests hold without them, too.
    """
    rule = declared(table)
    cells, pairs = around_baseline(comparable(table), [factor]), rule.method == "paired"
    level = pd.to_numeric(cells[level_column(factor)])
    counted = complete(cells).assign(level=level)
    samples = _samples(counted, objective(table), pairs=pairs)
    levels = tuple(samples)
    curve = turning(list(samples.values()), pairs=pairs)
    turns = {turn.kind: levels[turn.group] for turn in curve.turns}
    worse_after = curve.falls_after if rule.sign > 0 else curve.rises_after
    edges = plateau([rule.sign * sample for sample in samples.values()], margin=rule.margin or 0.0, pairs=pairs)
    return Dose(
        factor=factor,
        levels=levels,
        missing=tuple(sorted(set(level.dropna()) - set(levels))),
        confounded=bool(confounded(cells) or _is_unbalanced(counted, levels)),
        trend=_trend(list(samples.values()), pairs),
        beaten_below=levels[edges.beaten_below],
        gain=_possible(edges.gain, samples[levels[edges.beaten_below]], rule.sign, objective(table)),
        enough_from=levels[edges.enough_from],
        margin=rule.margin or 0.0,
        peak=turns.get("peak"),
        dip=turns.get("dip"),
        worse_above=edges.beaten_below in worse_after,
        seeds=min(map(len, samples.values())),
        top=max(levels, key=lambda level: samples[level].mean()),
        bottom=min(levels, key=lambda level: samples[level].mean()),
    )


def _possible(gain: float, sample: np.ndarray, sign: int, column: str) -> float:
    """Returns the gain, or what a share still lacks to its end if that is less."""
    if not are_shares(metric_name(column), sample.min(), sample.max()):
        return gain
    return min(gain, float(1 - sample.mean() if sign > 0 else sample.mean()))


def _is_unbalanced(counted: pd.DataFrame, levels: Sequence[float]) -> bool:
    """Whether some level shares no environment with the levels that it is compared with."""
    if not mixture(counted):
        return False
    return bool(unbalanced([counted[counted["level"] == one] for one in levels], _slope(len(levels))))


def _trend(samples: Sequence[np.ndarray], pairs: bool) -> Difference:
    return (paired_contrast if pairs else independent_contrast)(samples, _slope(len(samples)))


def _slope(count: int) -> list[float]:
    """Returns the weights that give the slope of `count` means over their ranks."""
    # Ranks, because people choose levels so that each step should matter equally: 1, 2, 4 … as often as 1, 2, 3 …
    rank = np.arange(count) - (count - 1) / 2
    return [float(weight) for weight in rank / (rank**2).sum()]


def _samples(cells: pd.DataFrame, column: str, *, pairs: bool) -> dict[float, np.ndarray]:
    """Returns the objective at each level, the lowest first. With pairs only seeds that are complete at every level."""
    wide = cells.pivot_table(index="seed", columns="level", values=column)
    if pairs:
        wide = wide.dropna()
    return {float(str(level)): wide[level].dropna().to_numpy(float) for level in wide}


def _levels(table: pd.DataFrame, factor: str) -> list[float]:
    """Returns the levels with a complete cell, in order. Empty if some level is not a number."""
    numbers = level_numbers(complete(around_baseline(comparable(table), [factor]))[level_column(factor)].dropna())
    return [] if numbers.isna().any() else sorted(set(map(float, numbers)))


def trend_sentence(dose: Dose, *, name: str = "") -> str:
    """Returns a sentence about what the curve shows. `name` is the factor's name for readers."""
    name = name or dose.factor
    if dose.confounded:
        return f"Trend over {name}: confounded, its levels ran in different environments."
    if np.isnan(dose.trend.p):
        return (
            f"Trend over {name}: not to be tested, because a level has a single seed, or no seed differs from another."
        )
    if dose.seeds < FEWEST_SEEDS:
        return f"Trend over {name}: no conclusion, because a level has fewer than {FEWEST_SEEDS} seeds."
    ends = f"{dose.trend.low:+.3g} to {dose.trend.high:+.3g}"
    trend = f"Linear trend over the ranks of {name}: {dose.trend.value:+.3g} a level ({ends}, {_p(dose.trend.p)})"
    hole = f", without {_some(dose.missing)}, which no seed completed" if dose.missing else ""
    # A curve that turns or becomes flat is no line, so its shape is told first.
    unsure = f"No sure conclusion, because a level has fewer than {ENOUGH_SEEDS} seeds:"
    lead = [unsure] if dose.seeds < ENOUGH_SEEDS else []
    return " ".join([*lead, *_turns(dose, name), _plateau(dose, name), f"{trend}{hole}."]).replace("-", "−")


def _turns(dose: Dose, name: str) -> Iterator[str]:
    """Yields a sentence about the peak of the curve, and about its dip."""
    for kind, level, word, best in (("peak", dose.peak, "higher", dose.top), ("dip", dose.dip, "lower", dose.bottom)):
        if level is None:
            continue
        where = "" if best == level else f"; the {word.removesuffix('er')}est mean is at {best:g}"
        yield f"A {kind}: {name}={level:g} is shown to be {word} than a lower and than a higher level{where}."


def _plateau(dose: Dose, name: str) -> str:
    beaten, enough, top = (f"{level:g}" for level in (dose.beaten_below, dose.enough_from, dose.levels[-1]))
    if dose.never_pays:
        return f"More than {name}={beaten} never pays: each higher level is shown to be worse (95 %)."
    if dose.decided:
        return f"More {name} stops paying at {dose.stops_paying_at:g}: no higher level gains {_margin(dose)} (95 %)."
    if beaten == top:
        return f"More {name} pays up to the highest level, {top}, and may beyond."
    lowest = dose.beaten_below == dose.levels[0]
    below = "" if lowest else f"Each {name} below {beaten} is shown to be worse than a higher one; "
    known = np.isfinite(dose.gain)
    possible = f"a gain of up to {dose.gain:.3g} is possible" if known else "how much is possible is not known"
    may = f"{f'Above {name}=' if lowest else 'above '}{beaten} none is shown to be better, yet {possible}"
    return f"{below}{may}: from {beaten} to {enough} it is undecided where more stops paying."


def plateau_clause(dose: Dose) -> str:
    """Returns in a few words where more stops paying. Empty if nothing can be concluded."""
    if dose.confounded or np.isnan(dose.trend.p) or dose.seeds < FEWEST_SEEDS:
        return ""
    clause = _decided_clause(dose)
    return clause if dose.seeds >= ENOUGH_SEEDS else f"with fewer than {ENOUGH_SEEDS} seeds not surely, {clause}"


def _decided_clause(dose: Dose) -> str:
    beaten, enough, top = (f"{level:g}" for level in (dose.beaten_below, dose.enough_from, dose.levels[-1]))
    if dose.never_pays:
        return f"more than {dose.factor}={beaten} never pays"
    if dose.decided:
        return f"more stops paying at {dose.factor}={dose.stops_paying_at:g}"
    if beaten == top:
        return f"more pays up to the highest level, {dose.factor}={top}"
    return f"where more stops paying is undecided, from {dose.factor}={beaten} to {enough}".replace("-", "−")


def _margin(dose: Dose) -> str:
    return f"the margin of {dose.margin:g}" if dose.margin else "anything"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _some(levels: Sequence[float]) -> str:
    return ", ".join(f"{level:g}" for level in levels)
