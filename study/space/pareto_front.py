"""Which points no other point dominates, where a study has two objectives."""

import operator
from collections.abc import Sequence

from study.space.objective import Objective


def front(values: Sequence[Sequence[float]], objectives: Sequence[Objective]) -> list[int]:
    """The places of the Pareto front: those that no other is as good as in every objective, and better in one."""
    better = [[objective.sign * number for objective, number in zip(objectives, row, strict=True)] for row in values]

    def beaten(row: list[float]) -> bool:
        return any(all(map(operator.ge, other, row)) and other != row for other in better)

    return [place for place, row in enumerate(better) if not beaten(row)]
