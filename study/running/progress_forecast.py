"""The time that a run still takes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from study.space.trial import TrialResult


@dataclass(frozen=True)
class Begun:
    """A cell that runs: the share of it that is done, and when its model was built; None if it is not built yet."""

    done: float
    built: float | None


@dataclass
class Forecast:
    """Estimates the time left from the trials so far, without what is done once: imports and the making of data."""

    _trained: list[float] = field(default_factory=list)
    """The seconds of each finished trial without import and data."""
    _data: list[float] = field(default_factory=list)
    """The seconds until each had its data. The fewest are those of a trial whose data were there already."""

    def add(self, result: TrialResult) -> None:
        """Add a trial that ended. A failed one tells nothing, because it may have ended at its beginning."""
        if result.state == "failed":
            return
        data = result.timing.get("data", 0.0)
        self._data.append(data)
        self._trained.append(max(0.0, result.seconds - result.timing.get("import", 0.0) - data))

    def seconds_left(self, cells: int, begun: Sequence[Begun], *, workers: int) -> float:
        """Returns the seconds until `cells` cells are finished, those included that have begun; 0 if nobody knows."""
        if not (seconds := self._seconds_of_a_cell(begun)):
            return 0.0
        work = max(0.0, cells - sum(cell.done for cell in begun))
        # The last cells cannot be shared among the workers.
        longest = max((1 - cell.done for cell in begun), default=0.0)
        return seconds * max(work / workers, longest)

    def _seconds_of_a_cell(self, begun: Sequence[Begun]) -> float:
        if self._trained:
            return fmean(self._trained) + min(self._data)
        now = time.monotonic()
        running = [(now - cell.built) / cell.done for cell in begun if cell.built is not None and cell.done]
        return fmean(running) if running else 0.0
