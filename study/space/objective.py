"""What a study is about: a metric or a cost, and which way is better."""

from dataclasses import dataclass
from typing import Literal, get_args

from study.errors import SearchSpaceError
from study.space.constraint import SIZES
from study.space.trial import TrialResult

Direction = Literal["maximize", "minimize"]
COSTS = (*SIZES, "seconds")
"""What a trial costs, which is no metric of its model. A second objective may be one of them."""


@dataclass(frozen=True)
class Objective:
    """The metric that the study is about, at its value after the last epoch; or a cost of a trial."""

    metric: str
    direction: Direction

    def __post_init__(self) -> None:
        if not self.metric or self.direction not in get_args(Direction):
            raise SearchSpaceError([f"objective: must be a metric and a direction, not {self!r}"])

    def __str__(self) -> str:
        return f"{self.direction} {self.metric}"

    @property
    def sign(self) -> int:
        """1 if more is better, -1 if less is better."""
        return 1 if self.direction == "maximize" else -1

    def of(self, result: TrialResult) -> float | None:
        """The value of a trial; None if its result has none."""
        if self.metric in COSTS and self.metric not in result.metrics:
            cost: float | None = getattr(result, self.metric)
            return cost
        return result.metrics.get(self.metric)
