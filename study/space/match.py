"""Points of equal size: a setting is chosen for each point, so that its model is as large as the baseline's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from study.space.trial import BASELINE
from study.task import Level


@dataclass(frozen=True)
class Match:
    """What makes the points of a study equally large."""

    setting: str
    """The setting that is chosen."""
    by: str
    """What is equal: `parameters` or `flops`."""
    within: float
    """The largest difference from the baseline's size, as a share of it."""
    levels: Mapping[str, Level] = field(default_factory=dict)
    """The level that was chosen for each point but the baseline, by the point's label without it."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The size of each point's model, by the same labels; also the baseline's."""

    def __str__(self) -> str:
        return f"{self.by} by {self.setting} within {self.within:g}"

    def to_json(self) -> dict[str, Any]:
        """Returns plain values."""
        return {**vars(self), "levels": dict(self.levels), "sizes": dict(self.sizes)}

    def size_in_words(self, point: str) -> str:
        """Returns the size of a point's model, and how far it is from the baseline's: `25,812 parameters, +0.2 %`."""
        size, target = self.sizes[point], self.sizes[BASELINE]
        off = f", {size / target - 1:+.1%}".replace("-", "\N{MINUS SIGN}").replace("%", " %")
        return f"{size:,} {self.by}{'' if point == BASELINE else off}"
