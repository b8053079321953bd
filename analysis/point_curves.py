"""The learning curves of one metric that may be averaged, their means, and how each point looks among them."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.drawing.labels import metric_label
from analysis.drawing.point_styles import PointStyle, Styles, joint_change_styles, single_change_styles
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import Changes, changes
from study.inference.other_metric import usual_direction
from study.inference.ranking import best_first
from study.inference.selection import may_be_compared

MOST_NAMED = 6
"""So many points have a name where not all have one: the best."""
MOST_LEVELS = 14
"""Up to so many levels of a factor all have a name."""


@dataclass(frozen=True)
class PointCurves:
    """The curves of a table of epochs. All is computed once, because a table may have ten thousand curves."""

    epochs: pd.DataFrame
    metric: str

    @classmethod
    def of(cls, epochs: pd.DataFrame, *, metric: str) -> "PointCurves":
        """Returns the curves that may be averaged: if a search confirmed points, only those of the fresh seeds.

        The search chose its best points because their first seeds were lucky.
        """
        fresh = epochs[may_be_compared(epochs["phase"].fillna(""))] if "phase" in epochs else epochs
        return cls(fresh, metric)

    @property
    def label(self) -> str:
        """The name of the metric on an axis."""
        return metric_label(self.metric, self.epochs.columns)

    @cached_property
    def whole(self) -> "pd.Series[bool]":
        """Whether each row's curve reaches the last epoch."""
        return cell_table.whole_curves(self.epochs, metric=self.metric)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The first row of each cell."""
        return self.epochs.drop_duplicates("key")

    @cached_property
    def means(self) -> pd.DataFrame:
        """A row for each point and epoch: mean, low, high and n of the whole curves."""
        return intervals.curves(self.epochs, metric=self.metric)

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """The means after the last epoch, the best first. A table of epochs says no direction: the usual one counts."""
        final = self.means[self.means["epoch"] == self.last_epoch]
        return best_first(final, direction=usual_direction(self.metric))

    @property
    def last_epoch(self) -> int:
        """The last epoch of the table."""
        return int(self.epochs["epoch"].max())

    @cached_property
    def changes(self) -> dict[str, Changes]:
        """What each point changes."""
        return dict(changes(self.epochs))

    @property
    def panels(self) -> list[str | None]:
        """The factors that some point changes alone, and None if some point changes several; None alone if no point
        changes anything.
        """
        alone = [factor for change in self.changes.values() if len(change) == 1 for factor in change]
        return [*dict.fromkeys(alone), *([None] if self.has_joint_changes else [])] or [None]

    @property
    def has_joint_changes(self) -> bool:
        """Whether some point changes several factors."""
        return any(len(change) > 1 for change in self.changes.values())

    def styles(self, factor: str | None) -> Styles:
        """Returns how the points of a factor's panel look, or of that for joint changes. Some have no label."""
        mine = {point: change for point, change in self.changes.items() if _is_of(factor, change)}
        if factor and len(mine) <= MOST_LEVELS:
            return single_change_styles(self.changes, factor=factor)
        ranked = self.ranked["point"]
        best = {point: mine[point] for point in ranked[ranked.isin(mine)][:MOST_NAMED]}
        background = {point: PointStyle(style().grey, "") for point in mine if point not in best}
        return background | (single_change_styles(best, factor=factor) if factor else joint_change_styles(best))


def _is_of(factor: str | None, change: Changes) -> bool:
    return list(change) == [factor] if factor else len(change) > 1
