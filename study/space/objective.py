"""What a study is about: a metric or a cost, and which way is better."""

from dataclasses import dataclass
from typing import Literal, get_args

from study.errors import SearchSpaceError
from study.space.constraint import SIZES
from study.space.trial import TrialResult

Direction = Literal["maximize", "minimize"]
COSTS = (*SIZES, "seconds")
"""What a trial costs, beside its metrics: a second objective may be one of them."""


@dataclass(frozen=True)
class Objective:
    """The metric that the study is about, as it stands after the last epoch; or what a trial costs."""

    metric: str
    direction: Direction

    def __post_init__(self) -> None:
        if not self.metric or self.direction not in get_args(Direction):
            raise SearchSpaceError([f"objective: must be a metric and a direction, not {self!r}"])

    def __str__(self) -> str:
        return f"{self.direction} {self.metric}"

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximize" else -1

    def of(self, result: TrialResult) -> float | None:
        """What came out of a trial; None where it did not say."""
        if self.metric in COSTS and self.metric not in result.metrics:
            cost: float | None = getattr(result, self.metric)
            return cost
        return result.metrics.get(self.metric)
