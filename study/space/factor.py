"""A factor is one thing that a study varies. Its levels are a list, or a range of numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from study.errors import SearchSpaceError
from study.task import Level, Settings, describe, same


@dataclass(frozen=True)
class Range:
    """Every number from `low` to `high`; only whole numbers if both ends are whole."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise SearchSpaceError([problem])

    def _problem(self) -> str | None:
        if not self.low < self.high:
            return f"low must be below high, not {self.low} and {self.high}"
        if self.log and self.low <= 0:
            return f"a logarithmic range must begin above 0, not at {self.low}"
        if self.step is None:
            return None
        if self.log:
            return f"a logarithmic range takes no step, not {self.step}"
        if self.whole and not _is_whole(self.step):
            return f"step must be whole if low and high are, not {self.step}"
        if not self.step > 0 or not _is_whole((self.high - self.low) / self.step):
            return f"high - low must be a number of whole steps: {self.step} does not divide {self.high - self.low:g}"
        return None

    @property
    def whole(self) -> bool:
        """Whether the range holds only whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def spacing(self) -> int | float | None:
        """Returns the distance between its numbers, or None if it holds every number between its ends."""
        return int(self.step or 1) if self.whole else self.step

    @property
    def size(self) -> int | None:
        """Returns how many numbers it holds, or None if they cannot be counted."""
        return None if self.spacing is None else round((self.high - self.low) / self.spacing) + 1

    def at(self, index: int) -> int | float:
        """Returns the number at an index. The lowest is at index 0. Works only if the numbers can be counted."""
        number = self.low + index * (self.spacing or 0)
        # Three steps of 0.1 are meant to be 0.3, not 0.30000000000000004.
        return number if self.whole else min(max(float(f"{number:.12g}"), self.low), self.high)

    def __contains__(self, value: Level) -> bool:
        if isinstance(value, bool | str) or not self.low <= value <= self.high:
            return False
        return self.spacing is None or _is_whole((value - self.low) / self.spacing)


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and abs(number - round(number)) < 1e-8


@dataclass(frozen=True)
class Factor:
    """One thing that the study varies, and the levels that it may take."""

    name: str
    levels: tuple[Level, ...] | Range
    choices: tuple[Level, ...] = ()
    """Every level that the task allows; empty if they cannot be listed."""
    when: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    """The condition: for each other factor named here, the levels at which this factor exists.

    At their other levels, this factor stays at its baseline.
    """

    def __post_init__(self) -> None:
        if isinstance(self.levels, Range):
            return
        if len(self.levels) < 2:
            raise SearchSpaceError([f"needs at least two levels, the baseline's among them, not {list(self.levels)}"])
        seen: set[object] = set()
        for level in self.levels:
            value, name = (isinstance(level, bool), level), describe(level)
            if value in seen:
                raise SearchSpaceError([f"repeats the level {name}"])
            if name in seen:
                raise SearchSpaceError(
                    [f"has two levels that would be named {name}; numbers are written in six digits"]
                )
            seen |= {value, name}

    @property
    def size(self) -> int | None:
        """Returns how many levels it has, or None if they cannot be counted."""
        return self.levels.size if isinstance(self.levels, Range) else len(self.levels)

    def holds(self, value: Level) -> bool:
        """Whether `value` is one of the levels."""
        if isinstance(self.levels, Range):
            return value in self.levels
        return any(same(value, level) for level in self.levels)

    def exists(self, levels: Settings) -> bool:
        """Whether the factor exists at a point with these levels of the other factors."""
        return all(
            name in levels and any(same(levels[name], level) for level in allowed)
            for name, allowed in self.when.items()
        )
