"""The search of a sweep: which points it has tried, whether it wants more, and which one is next."""

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
    """A search as its history says: it begins with the baseline."""

    history: History
    exhausted: bool
    """Whether no new point is left in the levels of today's file."""

    @cached_property
    def planned(self) -> list[Planned]:
        """The baseline and every point that was suggested, in the order of the suggestions."""
        space = self.history.space
        cells = [trials[0].user_attrs["cell"] for trials in self.history.trials.values()]
        points = [cell["point"] for cell in cells if cell["phase"] == "search" and cell["point"]]
        return [(space.config(point, seed=SEED), "search") for point in ({}, *points)]

    @property
    def wants_points(self) -> bool:
        """Whether the search wants more points, and there are more."""
        return len(self.planned) < self.history.space.design.trials and not self.exhausted

    def suggest(self) -> Suggestion | None:
        """Returns a new point; None if there is none left."""
        return suggest(self.history.space, list(self.tried()), seen=self.history)

    def tried(self) -> Iterator[TriedPoint]:
        """Yields every point that has a trial."""
        return (self.tried_point(config) for config, _ in self.planned if config.key in self.history)

    def tried_point(self, config: TrialConfig) -> TriedPoint:
        """Returns a point with its sampler's first suggestion and the state of its last trial."""
        first, last = self.history.trials[config.key][0], self.history.last(config)
        suggestion = Suggestion(config, first.user_attrs.get("draws", 1), first.system_attrs)
        return TriedPoint(suggestion, last.state, last.values, last.intermediate_values, self._excess(last))

    def _excess(self, trial: FrozenTrial) -> dict[str, float]:
        """How far the model is beyond each constraint; a size that is unknown counts as 1 beyond."""
        if "result" not in trial.user_attrs or trial.state == TrialState.FAIL:
            return {}
        size = vars(result_of(trial))
        sizes = {constraint: size[constraint.size] for constraint in self.history.space.constraints}
        return {str(bound): 1.0 if number is None else bound.excess(number) for bound, number in sizes.items()}
