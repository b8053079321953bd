"""Two factors that were varied together, one of them numeric: how the effect of the other changes over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd

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
from study.inference.intervals import Difference, Interval
from study.inference.mixture import mixture, unbalanced
from study.inference.multiplicity import holm
from study.inference.t_tests import ERROR
from study.inference.verdict_rule import ENOUGH_SEEDS, FEWEST_SEEDS
from study.space.margin import are_shares
from study.space.trial import BASELINE, label
from study.task import describe, plain
from study.terminal import Digits

Corner = tuple[str, float]
"""A level of the second factor, and one of the first."""
_GAP, _CHANGE = (1.0, -1.0), (1.0, -1.0, -1.0, 1.0)
"""The weights of a gap's two points, and of the four points of its change."""
FEWEST = 3
"""Fewer numeric levels are no curve. A line goes through so many of the largest, because a curve may bend before."""


class Change(NamedTuple):
    """How a gap changes from one level to a larger one. The numbers are of the same seeds if pairs are compared."""

    variant: str
    low: float
    high: float
    """The two levels."""
    before: float
    after: float
    """The gap at each of them."""
    by: Difference
    """The gap at the larger level minus that at the other one."""
    seeds: int
    """The smallest number of seeds of the four points, or the number of pairs."""


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
    def standard(self) -> str:
        """The baseline's level of `between`, as a point's name has it."""
        levels = self.cells.loc[self.cells["point"] == BASELINE, level_column(self.between)]
        return describe(plain(levels.iloc[0]))

    @cached_property
    def values(self) -> pd.DataFrame:
        """A row for each complete cell: the levels of `between` and of `over`, the seed and the objective."""
        whole, by_point = complete(self.cells), changes(self.cells)
        made = pd.DataFrame(
            {
                "variant": [by_point[point].get(self.between, self.standard) for point in whole["point"]],
                "level": pd.to_numeric(whole[level_column(self.over)]),
                "seed": whole["seed"],
                "value": whole[objective(self.table)].astype(float),
            }
        )
        return made.sort_values("level", kind="stable")

    @cached_property
    def samples(self) -> "dict[tuple[str, float], pd.Series[float]]":
        """The values by seed at each level of `between` and each of `over`, the lowest first."""
        return {corner: rows.set_index("seed")["value"] for corner, rows in self._rows.items()}

    @cached_property
    def _rows(self) -> dict[tuple[str, float], pd.DataFrame]:
        groups = self.values.groupby(["variant", "level"], sort=False)
        return {(str(name), float(str(level))): rows for (name, level), rows in groups}

    @property
    def levels(self) -> list[float]:
        """The levels of `over` with a complete cell, the lowest first."""
        return sorted({level for _, level in self.samples})

    @cached_property
    def names(self) -> list[str]:
        """The levels of `between` with a complete cell, the baseline's first, then in the table's order."""
        found = list(dict.fromkeys(self.values.sort_index()["variant"]))
        return sorted(found, key=lambda name: name != self.standard)

    @property
    def variants(self) -> list[str]:
        """The levels of `between` but for the baseline's."""
        return [name for name in self.names if name != self.standard]

    @property
    def pairs(self) -> bool:
        """Whether results on the same seed are compared."""
        return declared(self.table).method == "paired"

    @property
    def is_share(self) -> bool:
        """Whether the objective cannot leave the range from 0 to 1."""
        values = self.values["value"]
        return are_shares(metric_name(objective(self.table)), values.min(), values.max())

    def gaps(self, variant: str) -> dict[float, Difference]:
        """Returns the difference to the baseline's level of `between`, at each level of `over` that has both.

        A level at which the two ran in different environments has no gap.
        """
        corners = {level: self._ends(variant, level) for level in self.levels}
        return {
            level: contrast_by_seed([self.samples[end] for end in ends], _GAP, pairs=self.pairs)
            for level, ends in corners.items()
            if self._may_compare(ends, _GAP)
        }

    def growth(self, variant: str) -> list[Change]:
        """Returns how the gap changes from its smallest level to each other one.

        Levels that ran in different environments are not compared.
        """
        low, *others = self.gaps(variant) or [nan]
        return [
            self._change(variant, low, high)
            for high in others
            if self._may_compare([*self._ends(variant, high), *self._ends(variant, low)], _CHANGE)
        ]

    def _change(self, variant: str, low: float, high: float) -> Change:
        groups = [self.samples[end] for end in (*self._ends(variant, high), *self._ends(variant, low))]
        if self.pairs:
            shared = pd.concat(groups, axis=1, join="inner").index
            groups = [group.loc[shared] for group in groups]
        after, to_after, before, to_before = (float(group.mean()) for group in groups)
        by = contrast_by_seed(groups, _CHANGE, pairs=self.pairs)
        return Change(variant, low, high, before - to_before, after - to_after, by, min(map(len, groups)))

    def _ends(self, variant: str, level: float) -> list[Corner]:
        return [(variant, level), (self.standard, level)]

    def _may_compare(self, corners: Sequence[Corner], weights: Sequence[float]) -> bool:
        """Whether each of these points has a complete cell, and none of them ran in an environment of its own."""
        if not all(corner in self.samples for corner in corners):
            return False
        return not self.mixed or not unbalanced([self._cells_at(corner) for corner in corners], weights)

    def _cells_at(self, corner: Corner) -> pd.DataFrame:
        return self.cells.loc[self._rows[corner].index]

    @cached_property
    def mixed(self) -> bool:
        """Whether the cells ran in several environments."""
        return bool(mixture(self.cells))

    def extrapolated(self, variant: str, *, to: float, log: bool) -> Interval | None:
        """Returns where a straight line through the means at the three largest levels points.

        It is straight over the levels' logarithms with `log`. The interval holds if the line does; the ends of that of
        a share stay between 0 and 1 if its mean does. Returns None if there are fewer levels, or if they ran in
        different environments.
        """
        last = [level for name, level in self.samples if name == variant][-FEWEST:]
        scale = np.log2 if log else np.asarray
        apart = scale(np.array(last)) - np.mean(scale(np.array(last)))
        corners = [(variant, level) for level in last]
        if len(last) < FEWEST or not self._may_compare(corners, apart.tolist()):
            return None
        reach = float(scale(to) - np.mean(scale(np.array(last))))
        weights = 1 / len(last) + reach * apart / (apart @ apart)
        value, low, high, _ = contrast_by_seed(
            [self.samples[corner] for corner in corners], weights.tolist(), pairs=self.pairs
        )
        inside = self.is_share and 0 <= value <= 1
        return Interval(value, max(low, 0.0), min(high, 1.0)) if inside else Interval(value, low, high)


def crossings(table: pd.DataFrame) -> list[Crossing]:
    """Returns each pair of factors that were varied together, once for each of the two that has a curve.

    The longest curve is the first.
    """
    if (comparable(table)["point"] != BASELINE).all():
        return []
    pairs = [turned for pair in crossed_pairs(complete(table)) for turned in (pair, pair[::-1])]
    found = [Crossing(table, over, between) for over, between in pairs if _is_numeric(table, over)]
    return sorted((one for one in found if len(one.levels) >= FEWEST), key=lambda one: -len(one.levels))


def _is_numeric(table: pd.DataFrame, factor: str) -> bool:
    return bool(level_numbers(table[level_column(factor)].dropna()).notna().all())


def growth_sentence(crossing: Crossing) -> str:
    """Returns whether the gap changes over the levels, by Holm over all of them, and how.

    It tells of the largest level if the gap changes to there, else of the level to which it surely changes.
    """
    found = [change for variant in crossing.variants for change in crossing.growth(variant)]
    if not found:
        return "No gap can be compared: that needs both levels at two places, complete and in the same environment."
    tested = [change for change in found if change.seeds >= FEWEST_SEEDS]
    if not tested:
        return f"No verdict: a comparison needs {FEWEST_SEEDS} seeds at each of its points."
    adjusted = dict(zip(tested, holm([change.by.p for change in tested]), strict=True))
    shown = [change for change in tested if adjusted[change] < ERROR]
    last = crossing.levels[-1]
    told = [change for change in shown or tested if change.high == last] or shown or tested
    change = min(told, key=lambda one: (np.nan_to_num(adjusted[one], nan=2.0), -abs(one.by.value)))
    sure = "Yes" if change.seeds >= ENOUGH_SEEDS else "It looks so"
    digits = Digits.of([change.before, change.after], halves=[change.by.high - change.by.value])
    interval = digits.interval(change.by.low, change.by.high, signed=True)
    by = digits.show(change.by.value, signed=True) + (f" ({interval})" if interval else "")
    ends = f"{digits.show(change.before, signed=True)} to {digits.show(change.after, signed=True)}"
    where = f"from {crossing.over}={change.low:g} to {change.high:g}"
    what = label({crossing.between: change.variant})
    return f"{sure if shown else 'Not shown'}: {where} the gap of {what} goes from {ends}, by {by}."
