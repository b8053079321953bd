"""An objective of a study: a metric or a cost, and whether more or less of it is better."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from study.errors import SearchSpaceError
from study.space.constraint import SIZES
from study.space.trial import TrialResult

Direction = Literal["maximize", "minimize"]
CountedEpoch = Literal["last", "best"]
"""Which epoch of a trial counts: the last one, or the one with the best value of the first objective."""
COSTS = (*SIZES, "seconds")
"""The costs of a trial. They are not metrics of its model. The second objective may be one of them."""


@dataclass(frozen=True)
class Objective:
    """The metric or the cost that a study improves."""

    metric: str
    direction: Direction
    epoch: CountedEpoch = "last"
    """With which value a metric counts. The best of many epochs is optimistic: chance chose it, too."""

    def __post_init__(self) -> None:
        known = self.direction in get_args(Direction) and self.epoch in get_args(CountedEpoch)
        if not self.metric or not known:
            raise SearchSpaceError([f"objective: must be a metric and a direction, and perhaps an epoch, not {self!r}"])

    def __str__(self) -> str:
        return f"{self.direction} {self.name}"

    @property
    def name(self) -> str:
        """Returns the metric, with a word if not its last value counts."""
        return f"{self.metric} at the best epoch" if self.epoch == "best" else self.metric

    @property
    def sign(self) -> int:
        """Returns 1 if more is better, and -1 if less is better."""
        return 1 if self.direction == "maximize" else -1

    def to_json(self) -> dict[str, Any]:
        """Returns the objective as plain values. The last epoch is not named, as in the first version."""
        return {name: value for name, value in asdict(self).items() if (name, value) != ("epoch", "last")}

    def best_so_far(self, value: float, before: float | None) -> float:
        """Returns what counts after an epoch with this value, if `before` counted until then."""
        new = self.epoch == "last" or before is None or is_better(value, before, direction=self.direction)
        return value if new or before is None else before

    def of(self, result: TrialResult) -> float | None:
        """Returns the value of a trial, or None if its result has none."""
        if self.metric in COSTS and self.metric not in result.metrics:
            cost: float | None = getattr(result, self.metric)
            return cost
        return result.metrics.get(self.metric)


def is_better(value: float, than: float | None, *, direction: str) -> bool:
    """Whether a value is a number, and better than the best one so far, if there is one."""
    sign = 1 if direction == "maximize" else -1
    return math.isfinite(value) and (than is None or sign * (value - than) > 0)
