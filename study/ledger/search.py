"""The search of a sweep: the points that it tried, whether it wants more points, and its next point."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from optuna.trial import FrozenTrial, TrialState

from study.ledger.history import History, Planned, result_of
from study.space.trial import TrialConfig
from study.sweep.sampler import suggest
from study.sweep.tried_point import SEED, Suggestion, TriedPoint


@dataclass(frozen=True)
class Search:
    """A search, read from the study's history. Its first point is the baseline."""

    history: History
    exhausted: bool
    """Whether today's file has no point left that was not suggested yet."""

    @cached_property
    def planned(self) -> list[Planned]:
        """The baseline and every point that was suggested, in the order of the suggestions."""
        space = self.history.space
        cells = [trials[0].user_attrs["cell"] for trials in self.history.trials.values()]
        points = [cell["point"] for cell in cells if cell["phase"] == "search" and cell["point"]]
        return [(space.config(point, seed=SEED), "search") for point in ({}, *points)]

    @property
    def wants_points(self) -> bool:
        """Whether the search wants more points and has any left."""
        return len(self.planned) < self.history.space.design.trials and not self.exhausted

    def suggest(self) -> Suggestion | None:
        """Returns a new point; None if there is none left."""
        return suggest(self.history.space, list(self.tried()), excluded=self.history)

    def tried(self) -> Iterator[TriedPoint]:
        """Yields every point that has a trial."""
        return (self.tried_point(config) for config, _ in self.planned if config.key in self.history)

    def tried_point(self, config: TrialConfig) -> TriedPoint:
        """Returns a point with the sampler's first suggestion and the result of its last trial."""
        first, last = self.history.trials[config.key][0], self.history.last(config)
        suggestion = Suggestion(config, first.user_attrs.get("draws", 1), first.system_attrs)
        return TriedPoint(suggestion, last.state, last.values, last.intermediate_values, self._excess(last))

    def _excess(self, trial: FrozenTrial) -> dict[str, float]:
        """Returns how far the model exceeds each constraint. An unknown size counts as an excess of 1."""
        if "result" not in trial.user_attrs or trial.state == TrialState.FAIL:
            return {}
        size = vars(result_of(trial))
        sizes = {constraint: size[constraint.size] for constraint in self.history.space.constraints}
        return {str(bound): 1.0 if number is None else bound.excess(number) for bound, number in sizes.items()}
