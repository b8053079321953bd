"""The points of a search: one that the sampler suggests, and one that was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optuna.trial import TrialState

from study.space.trial import TrialConfig

SEED = 0
"""The seed of every trial of a search. The seeds after it confirm the best points."""


@dataclass(frozen=True)
class Suggestion:
    """A point to try, and how the sampler arrived at it."""

    config: TrialConfig
    draws: int = 1
    """How many points the sampler drew until this one was new."""
    marks: Mapping[str, object] = field(default_factory=dict)
    """Attributes that the sampler wrote on the trial, and reads again when it suggests later points."""
    origin: str = ""
    """How the point was drawn, if it was not the sampler's first draw."""


@dataclass(frozen=True)
class TriedPoint:
    """A point that was tried, and its result so far, in Optuna's terms."""

    suggestion: Suggestion
    state: TrialState
    values: Sequence[float] | None = None
    curve: Mapping[int, float] = field(default_factory=dict)
    """The objective after each epoch."""
    excess: Mapping[str, float] = field(default_factory=dict)
    """How far its model is beyond each constraint."""

    @property
    def key(self) -> str:
        """The key of its cell."""
        return self.suggestion.config.key
