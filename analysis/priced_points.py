"""What the figure of costs says of each point: what it cost, whether it is worth it, its colour and its number."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.drawing.colours import distinct_colours
from analysis.drawing.style import style
from study.inference import pareto
from study.inference.ranking import best_first
from study.space.objective import COSTS, Direction
from study.space.trial import BASELINE

MOST_NAMED = 14
"""The most points that have a number and a name: those on a front, and the best of the others."""


@dataclass(frozen=True)
class PricedPoints:
    """The points of a table of cells, with their mean costs. All is computed once, in the style of the moment."""

    table: pd.DataFrame

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row for each comparable point: the objective's mean with its interval, and the mean costs of a cell."""
        return pareto.costs(self.table)

    @property
    def direction(self) -> Direction:
        """What the objective wants: "maximize" or "minimize"."""
        wanted: Direction = self.table["direction"].iloc[0]
        return wanted

    @property
    def recorded(self) -> list[str]:
        """The costs that were recorded, in the order of their panels."""
        return [cost for cost in COSTS if cost in self.points]

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """The points, the best mean first."""
        return best_first(self.points, direction=self.direction)

    @cached_property
    def colours(self) -> dict[str, str]:
        """A colour for the baseline and for each point on the front of any cost, in the table's order."""
        worth = {point for cost in self.recorded for point in self.front(cost)["point"]}
        named = [str(point) for point in self.points["point"] if point in worth and point != BASELINE]
        return {BASELINE: style().ink} | dict(zip(named, distinct_colours(len(named)), strict=False))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The rank of each point that has a name, 1 for the best mean: those on a front, and the best others."""
        ranked = self.ranked["point"]
        on_front = ranked.isin(self.colours)
        chosen = {*[*ranked[on_front], *ranked[~on_front]][:MOST_NAMED]}
        return {str(point): rank for rank, point in enumerate(ranked, start=1) if point in chosen}

    def known(self, cost: str) -> pd.DataFrame:
        """Returns the points whose cost was recorded."""
        return self.points.dropna(subset=[cost])

    def front(self, cost: str) -> pd.DataFrame:
        """Returns the points that are worth their cost, the cheapest first."""
        known = self.known(cost)
        return known[pareto.worth(known, cost=cost, direction=self.direction)].sort_values(cost)

    def colour(self, point: str) -> str:
        """Returns the point's colour, which is grey if it is on no front."""
        return self.colours.get(point, style().grey)
