"""Finds the points that no other point dominates, for studies with two objectives."""

import operator
from collections.abc import Sequence

from study.space.objective import Objective


def front(values: Sequence[Sequence[float]], objectives: Sequence[Objective]) -> list[int]:
    """Returns the indices of the rows that no other row dominates. `values` has a column for each objective."""
    better = [[objective.sign * number for objective, number in zip(objectives, row, strict=True)] for row in values]

    def is_dominated(row: list[float]) -> bool:
        return any(all(map(operator.ge, other, row)) and other != row for other in better)

    return [index for index, row in enumerate(better) if not is_dominated(row)]
