"""Limits the size of the models of a study."""

import operator
from dataclasses import dataclass

SIZES = ("parameters", "flops")
RELATIONS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}


@dataclass(frozen=True)
class Constraint:
    """A bound on the size of every model of the study."""

    size: str
    relation: str
    bound: int | float

    def __str__(self) -> str:
        return f"{self.size} {self.relation} {self.bound:_}"

    def holds(self, number: float) -> bool:
        """Whether a model of this size may be trained."""
        return bool(RELATIONS[self.relation](number, self.bound))

    def excess(self, number: float) -> float:
        """Returns how far a size is beyond the bound: above 0 if the constraint does not hold, else at most 0."""
        beyond = number - self.bound if self.relation in ("<=", "<") else self.bound - number
        return beyond if self.holds(number) == (beyond <= 0) else 1.0
