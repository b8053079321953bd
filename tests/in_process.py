"""A trial in the test's own process: what it reports is dropped, and it always goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.space.trial import Metrics, TrialConfig, TrialResult
from study.training.fit import train


@dataclass(frozen=True)
class Dropped:
    """A report that nobody reads."""

    folder: Path

    def preparing(self, what: str, done: int, total: int) -> None: ...

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        return True

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        return True


def trained(config: TrialConfig, folder: Path) -> TrialResult:
    """The result of a trial, trained here and now."""
    return train(config, Dropped(folder))
