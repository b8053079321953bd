"""Two factors that were varied together, one of them numeric: how the effect of the other changes over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from study.inference.cell_table import (
    around_baseline,
    comparable,
    complete,
    crossed_pairs,
    declared,
    level_numbers,
    objective,
)
from study.inference.changes import changes
from study.inference.columns import level_column, metric_name
from study.inference.contrasts import contrast_by_seed
from study.inference.intervals import CONFIDENCE, Difference, Interval
from study.inference.mixture import confounded
from study.inference.multiplicity import holm
from study.inference.t_tests import ERROR
from study.space.margin import are_shares
from study.space.trial import label
from study.terminal import Digits

FEWEST = 3
"""Fewer numeric levels are no curve."""
_FITTED = 3
"""So many of the largest levels a line is fitted to, because a curve may bend before."""


@dataclass(frozen=True)
class Crossing:
    """The comparable cells that change only these two factors. All other factors are at the baseline."""

    table: pd.DataFrame
    over: str
    """The numeric factor."""
    between: str

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells, complete or not."""
        return around_baseline(comparable(self.table), (self.over, self.between))

    @cached_property
    def values(self) -> pd.DataFrame:
        """A row for each complete cell: `variant` is the level of `between`, and empty if that is the baseline's."""
        whole, by_point = complete(self.cells), changes(self.cells)
        made = pd.DataFrame(
            {
                "variant": [by_point[point].get(self.between, "") for point in whole["point"]],
                "level": pd.to_numeric(whole[level_column(self.over)]),
                "seed": whole["seed"],
                "value": whole[objective(self.table)].astype(float),
            }
        )
        return made.sort_values("level", kind="stable")

    @cached_property
    def samples(self) -> "dict[tuple[str, float], pd.Series[float]]":
        """The values by seed at each level of `between` and each of `over`, the lowest first."""
        groups = self.values.groupby(["variant", "level"], sort=False)
        return {(str(name), float(str(level))): rows.set_index("seed")["value"] for (name, level), rows in groups}

    @property
    def levels(self) -> list[float]:
        """The levels of `over` with a complete cell, the lowest first."""
        return sorted({level for _, level in self.samples})

    @property
    def variants(self) -> list[str]:
        """The levels of `between` but for the baseline's, in the table's order."""
        return [name for name in dict.fromkeys(self.values.sort_index()["variant"]) if name]

    def gaps(self, variant: str) -> dict[float, Difference]:
        """Returns the difference to the baseline's level of `between`, at each level of `over` that has both."""
        return {
            level: self._contrast([(variant, level), ("", level)], [1, -1])
            for level in self.levels
            if (variant, level) in self.samples and ("", level) in self.samples
        }

    def growth(self, variant: str) -> Difference:
        """Returns the gap at the largest level minus the gap at the smallest one. There must be two gaps."""
        low, *_, high = self.gaps(variant)
        return self._contrast([(variant, high), ("", high), (variant, low), ("", low)], [1, -1, -1, 1])

    def extrapolated(self, variant: str, *, to: float, log: bool) -> Interval:
        """Returns where a straight line through the three largest levels points, over their logarithms with `log`.

        The interval is that of the line's mean, as if the line were true. The baseline's level is "".
        """
        last = [level for name, level in self.samples if name == variant][-_FITTED:]
        scale = np.log2 if log else np.asarray
        x = np.concatenate([np.full(len(self.samples[variant, level]), scale(level)) for level in last])
        y = np.concatenate([self.samples[variant, level].to_numpy() for level in last])
        design = np.column_stack([np.ones_like(x), x])
        (start, slope), *_ = np.linalg.lstsq(design, y, rcond=None)
        at, freedom = np.array([1.0, float(scale(to))]), len(y) - 2
        value = float(start + slope * at[1])
        if freedom < 1:
            return Interval(value, np.nan, np.nan)
        rest = y - design @ np.array([start, slope])
        error = np.sqrt(rest @ rest / freedom * (at @ np.linalg.pinv(design.T @ design) @ at))
        half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2) * error)
        ends = value, value - half, value + half
        share = are_shares(metric_name(objective(self.table)), y.min(), y.max())
        return Interval(*(min(1.0, max(0.0, end)) if share else end for end in ends))

    def _contrast(self, corners: Sequence[tuple[str, float]], weights: Sequence[float]) -> Difference:
        pairs = declared(self.table).method == "paired"
        return contrast_by_seed([self.samples[corner] for corner in corners], weights, pairs=pairs)


def crossings(table: pd.DataFrame) -> list[Crossing]:
    """Returns each pair of factors that were varied together, once for each of the two that has a curve.

    The longest curve is the first.
    """
    pairs = [turned for pair in crossed_pairs(complete(table)) for turned in (pair, pair[::-1])]
    found = [Crossing(table, over, between) for over, between in pairs if _is_numeric(table, over)]
    return sorted((one for one in found if len(one.levels) >= FEWEST), key=lambda one: -len(one.levels))


def _is_numeric(table: pd.DataFrame, factor: str) -> bool:
    return bool(level_numbers(table[level_column(factor)].dropna()).notna().all())


def growth_sentence(crossing: Crossing) -> str:
    """Returns how the gap changes from the smallest to the largest level of `over`, for the variant it changes most."""
    if confounded(crossing.cells):
        return "Nothing is compared: some points ran in another environment than the baseline."
    grown = {one: crossing.growth(one) for one in crossing.variants if len(crossing.gaps(one)) > 1}
    if not grown:
        return "No gap can be compared: a comparison needs complete cells of both levels at two places."
    adjusted = dict(zip(grown, holm([growth.p for growth in grown.values()]), strict=True))
    name = min(grown, key=lambda one: (np.nan_to_num(adjusted[one], nan=2.0), -abs(grown[one].value)))
    growth, gaps = grown[name], crossing.gaps(name)
    (low, first), *_, (high, last) = gaps.items()
    digits = Digits.of([first.value, last.value], halves=[growth.high - growth.value])
    interval = digits.interval(growth.low, growth.high, signed=True)
    by = digits.show(growth.value, signed=True) + (f" ({interval})" if interval else "")
    ends = f"{digits.show(first.value, signed=True)} to {digits.show(last.value, signed=True)}"
    sure = "Yes" if adjusted[name] < ERROR else "Not shown"
    what = label({crossing.between: name})
    return f"{sure}: from {crossing.over}={low:g} to {high:g} the gap of {what} goes from {ends}, by {by}."
