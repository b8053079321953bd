"""How the training of a trial ended."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from study.space.trial import Metrics, State

if TYPE_CHECKING:
    import keras

REASONS = {
    "complete": "",
    "diverged": "the loss is not a number after epoch {epoch}",
    "pruned": "ended by the pruner after epoch {epoch}",
}


@dataclass(frozen=True)
class Outcome:
    """What a training leaves: a model, and what it reported."""

    state: State
    curve: tuple[Metrics, ...]
    model: "keras.Model"
    final: Metrics = field(default_factory=dict)
    """The metrics of the weights at the end, if these are not the weights after the last epoch."""

    @property
    def reason(self) -> str:
        """Why the trial is not complete."""
        return REASONS[self.state].format(epoch=len(self.curve))


class NotResumableError(Exception):
    """An interrupted trial cannot go on as if nothing had happened. The message says why."""


def is_diverged(metrics: Metrics) -> bool:
    """Whether a loss of the training is not a number. A model with its own way of training may name it otherwise."""
    losses = {name: value for name, value in metrics.items() if "loss" in name and not name.startswith("val_")}
    return not all(map(math.isfinite, [losses["loss"]] if "loss" in losses else losses.values()))
