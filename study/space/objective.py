"""An objective of a study: a metric or a cost, and whether more or less of it is better."""

from dataclasses import dataclass
from typing import Literal, get_args

from study.errors import SearchSpaceError
from study.space.constraint import SIZES
from study.space.trial import TrialResult

Direction = Literal["maximize", "minimize"]
COSTS = (*SIZES, "seconds")
"""The costs of a trial. They are not metrics of its model. The second objective may be one of them."""


@dataclass(frozen=True)
class Objective:
    """The metric or the cost that a study improves. A metric counts with its value after the last epoch."""

    metric: str
    direction: Direction

    def __post_init__(self) -> None:
        if not self.metric or self.direction not in get_args(Direction):
            raise SearchSpaceError([f"objective: must be a metric and a direction, not {self!r}"])

    def __str__(self) -> str:
        return f"{self.direction} {self.metric}"

    @property
    def sign(self) -> int:
        """Returns 1 if more is better, and -1 if less is better."""
        return 1 if self.direction == "maximize" else -1

    def of(self, result: TrialResult) -> float | None:
        """Returns the value of a trial, or None if its result has none."""
        if self.metric in COSTS and self.metric not in result.metrics:
            cost: float | None = getattr(result, self.metric)
            return cost
        return result.metrics.get(self.metric)
