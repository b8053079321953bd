"""The best point of a run so far, by its mean over seeds."""

from collections import defaultdict
from statistics import fmean

from study.inference.selection import best_point
from study.ledger.cell import Trial
from study.space.objective import Objective
from study.space.trial import TrialResult
from study.terminal import number


class BestSoFar:
    """The point with the best mean over its complete seeds. `part` says of what the best is.

    While points of a search are confirmed, only fresh seeds count, because the search chose its points by luck, too.
    """

    def __init__(self, objective: Objective, *, part: str = "") -> None:
        self._objective = objective
        self._part = part
        self._values: dict[str, list[float]] = defaultdict(list)
        self._confirming = False

    def add(self, trial: Trial, result: TrialResult) -> str:
        """Add a complete trial. Returns the best point in words if that is another one now, or has another mean."""
        value, before = result.metrics.get(self._objective.metric), self.text()
        if value is None:
            return ""
        if trial.phase == "confirm" and not self._confirming:
            self._confirming = True
            self._values.clear()
        self._values[trial.point].append(value)
        return text if (text := self.text()) != before else ""

    def text(self) -> str:
        """Returns the best point in words; empty if no trial was complete."""
        if not self._values:
            return ""
        means = {point: fmean(values) for point, values in self._values.items()}
        best = best_point(means, sign=self._objective.sign)
        seeds = len(self._values[best])
        of = f"{best}, mean of {seeds} seeds" if seeds > 1 else best
        return f"best {self._part}{number(means[best])} ({of})"
