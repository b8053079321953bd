"""A stopwatch, which measures how many seconds a trial spends on each purpose."""

import time


class Stopwatch:
    """Counts the seconds of each purpose, and those of earlier attempts at the same trial."""

    def __init__(self) -> None:
        self.earlier = 0.0
        """Seconds of earlier attempts."""
        self.laps: dict[str, float] = {}
        """Seconds of this attempt, by purpose."""
        self._last = time.perf_counter()

    def lap(self, purpose: str) -> None:
        """Add the time since the last lap to this purpose."""
        now = time.perf_counter()
        self.laps[purpose] = self.laps.get(purpose, 0.0) + now - self._last
        self._last = now

    def total(self) -> float:
        """Returns the seconds until the last lap, including earlier attempts."""
        return self.earlier + sum(self.laps.values())
