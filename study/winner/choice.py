"""Chooses the best point of a study, and the seed whose model represents it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress
from statistics import fmean

from study.errors import StudyError
from study.inference.selection import best_point, may_be_compared
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.hints import some


@dataclass(frozen=True)
class Winner:
    """The point with the best mean of the objective over its complete seeds."""

    cell: Cell
    """The cell of the median seed, or of the lower one of two: its weights are the model."""
    values: Mapping[int, float]
    """The objective of each complete seed."""
    points: int
    """How many points were compared."""

    @property
    def mean(self) -> float:
        """The mean of the objective over the complete seeds."""
        return fmean(self.values.values())

    @property
    def name(self) -> str:
        """The point, and the seed of its model."""
        return f"{self.cell.point}, seed {self.cell.config.seed}"

    @property
    def counts(self) -> Mapping[str, int]:
        """How many examples each split of the data has; empty if nobody knows."""
        counts: Mapping[str, int] = self.cell.result.data.get("counts", {}) if self.cell.result else {}
        return counts


def choose(ledger: Ledger) -> Winner:
    """Return the winner among the cells that are complete now; in a sweep among confirmed points.

    Raises StudyError if no cell is complete.
    """
    cells = ledger.cells()
    points = _measured(ledger, compress(cells, may_be_compared(cell.phase for cell in cells)))
    if not points:
        raise StudyError(f"study {ledger.space.name!r} has no best point yet: none of its cells is complete")
    means = {point: fmean(value for value, _ in cells) for point, cells in points.items()}
    best = points[best_point(means, sign=ledger.space.objective.sign)]
    values = {cell.config.seed: value for value, cell in best}
    return Winner(_median(best), values, len(points))


def median_cell(ledger: Ledger, point: str) -> Cell:
    """Return the complete cell of a point whose seed is the median one, as the winner's model is chosen.

    Raises StudyError if the study has no such point, or if no cell of it is complete.
    """
    cells = [cell for cell in ledger.cells() if cell.point == point]
    if not cells:
        points = list(dict.fromkeys(cell.point for cell in ledger.cells()))
        raise StudyError(f"study {ledger.space.name!r} has no point {point!r}; it has {some(points)}")
    measured = _measured(ledger, compress(cells, may_be_compared(cell.phase for cell in cells)))
    if point not in measured:
        raise StudyError(f"study {ledger.space.name!r}: no cell of {point} is complete")
    return _median(measured[point])


_Measured = list[tuple[float, Cell]]


def _measured(ledger: Ledger, cells: Iterable[Cell]) -> dict[str, _Measured]:
    """Returns the complete cells of each point, with their objectives."""
    points: dict[str, _Measured] = {}
    for cell in cells:
        if cell.state == "complete" and math.isfinite(value := _objective(ledger, cell)):
            points.setdefault(cell.point, []).append((value, cell))
    return points


def _median(cells: _Measured) -> Cell:
    ordered = sorted(cells, key=lambda one: (one[0], one[1].config.seed))
    return ordered[(len(ordered) - 1) // 2][1]


def _objective(ledger: Ledger, cell: Cell) -> float:
    return ledger.metrics(cell).get(ledger.space.objective.metric, math.nan)


def unfinished(ledger: Ledger) -> int:
    """Return how many cells are missing or running: while there are any, another point may still win."""
    counts = ledger.counts()
    return counts["missing"] + counts["running"]
