"""Why two seeds of a point differ, by how much, and whether one seed gives similar results at all points."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import fdtri, stdtrit

from study.inference.cell_table import comparable, complete, declared, objective
from study.inference.intervals import CONFIDENCE, Interval
from study.space.search_space import Method
from study.space.trial import BASELINE

Advice = Literal["", "pays", "costs", "undecided"]


@dataclass(frozen=True)
class Variation:
    """How the results of the seeds vary."""

    sources: tuple[str, ...]
    """What differs between seeds: weights, order, data. Empty if the table does not say."""
    sd: float
    """The standard deviation of the objective over the baseline's seeds. NaN if there are fewer than two."""
    seeds: int
    """How many complete cells the baseline has."""
    correlation: Interval
    """How one seed's results at different points correlate: the share of a difference's variance that pairs remove."""
    shared: int
    """How many seeds are complete at all points that the correlation uses."""
    points: int
    """How many points the correlation uses, including the baseline."""
    method: Method = "welch"
    """How the study compares its variants with the baseline."""

    @property
    def break_even(self) -> float:
        """The correlation above which pairs give narrower intervals, although they have fewer degrees of freedom."""
        if self.shared < 2:
            return np.nan
        quantile, pooled = (1 + CONFIDENCE) / 2, self.points if self.method == "equal_variances" else 2
        ratio = stdtrit(pooled * (self.shared - 1), quantile) / stdtrit(self.shared - 1, quantile)
        return float(1 - ratio**2)

    @property
    def advice(self) -> Advice:
        """What the interval of the correlation says about pairs. Empty if there is no interval."""
        if np.isnan(self.correlation.low):
            return ""
        if self.correlation.low > self.break_even:
            return "pays"
        return "costs" if self.correlation.high < self.break_even else "undecided"


def seed_variation(table: pd.DataFrame) -> Variation:
    """Returns the baseline's spread over seeds, and the correlation over all points with the same complete seeds."""
    cells = complete(comparable(table))
    wide = cells.pivot_table(index="seed", columns="point", values=objective(table))
    baseline = wide[BASELINE].dropna() if BASELINE in wide else pd.Series(dtype=float)
    block = wide.loc[baseline.index].dropna(axis="columns").to_numpy(float)
    sources = tuple(str(table["vary"].iloc[0]).split()) if "vary" in table else ()
    sd = float(baseline.std(ddof=1)) if len(baseline) > 1 else np.nan
    shared, points = block.shape
    return Variation(
        sources=sources,
        sd=sd,
        seeds=len(baseline),
        correlation=correlation(block),
        shared=shared,
        points=points,
        method=declared(table).method,
    )


def correlation(block: "np.ndarray", *, confidence: float = CONFIDENCE) -> Interval:
    """Returns the intraclass correlation (consistency) of rows over columns, with the exact interval.

    The interval is that of Shrout and Fleiss 1979. A mean of Fisher's z over variants is no alternative: all variants
    share the baseline's values, so its 95 % interval holds the truth in only 62 to 90 % of simulated studies. If points
    differ in variance, this correlation errs towards 0, and so does the gain of pairs.
    """
    rows, columns = block.shape
    if min(rows, columns) < 2:
        return Interval(np.nan, np.nan, np.nan)
    between = columns * block.mean(axis=1).var(ddof=1)
    residual = block - block.mean(axis=1, keepdims=True) - block.mean(axis=0) + block.mean()
    above, below = rows - 1, (rows - 1) * (columns - 1)
    within = (residual**2).sum() / below
    if within < 1e-24:
        return Interval(np.nan, np.nan, np.nan)
    ratio, quantile = between / within, (1 + confidence) / 2
    ends = (ratio, ratio / fdtri(above, below, quantile), ratio * fdtri(below, above, quantile))
    return Interval(*(float((end - 1) / (end + columns - 1)) for end in ends))


def variation_sentence(found: Variation) -> str:
    """Tells a reader where the spread comes from, how large it is, and whether pairs would pay."""
    parts = [
        f"Seeds differ in {', '.join(found.sources) or 'nothing'}." if found.sources else "",
        f"Sd over the baseline's {found.seeds} seeds: {found.sd:.3g}." if found.seeds > 1 else "",
    ]
    if found.advice:
        value, low, high = found.correlation
        said = f"A seed's results at {found.points} points correlate by {value:.2f} ({low:.2f} to {high:.2f})"
        advice = (_OF_PAIRS if found.method == "paired" else _ADVICE)[found.advice]
        parts.append(f"{said}; {advice.format(found=found)}".replace("-", "−"))
    return " ".join(part for part in parts if part)


_ADVICE = {
    "pays": "above {found.break_even:.2f} pairs narrow intervals: declare `paired = true` in the next study.",
    "costs": "below {found.break_even:.2f} pairs would only widen intervals.",
    "undecided": "whether that is above {found.break_even:.2f}, where `paired = true` begins to pay, is undecided.",
}
_OF_PAIRS = {
    "pays": "above {found.break_even:.2f} pairs narrow intervals, as they do here.",
    "costs": "below {found.break_even:.2f} pairs widen intervals: leave `paired` out of the next study.",
    "undecided": "whether that is above {found.break_even:.2f}, where pairs begin to pay, is undecided.",
}
