"""A process of its own that finds for each point of a study the level of a setting that makes it as large as another.

It reads one line of JSON, which holds the study and what shall be equal, and prints one.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from study.engines.failed_result import failed_result
from study.errors import TaskError
from study.space.match import Match
from study.space.nearest_size import Fit, nearest_size
from study.space.points import Point, asked_points
from study.space.refused_points import refusals
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import TrialConfig, label

_BUILDING = "study.training.built_size"
"""Loads Keras, so it is imported when the first model is built."""


def main() -> None:
    """Answer the line on the standard input. What the user's code prints goes to the standard error."""
    asked = json.loads(sys.stdin.readline())
    with redirect_stdout(sys.stderr):
        try:
            space, match = SearchSpace.from_json(asked["space"]), Match(**asked["match"])
            answer: Mapping[str, Any] = Matching(space, match).fits()
        except TaskError as error:
            answer = {"problem": str(error)}
        except (Exception, SystemExit) as error:  # The user's code may raise anything.
            answer = {"problem": failed_result(error, 0.0).reason}
    print(json.dumps(answer))


@dataclass(frozen=True)
class Matching:
    """A study whose points shall be equally large."""

    space: SearchSpace
    match: Match

    def fits(self) -> dict[str, Fit]:
        """Returns for each point the level that comes nearest to the baseline's size, and the size there."""
        baseline = self.space.config({}, seed=0)
        level = int(baseline.settings[self.match.setting])
        target = self._size(baseline)
        return {
            label(point): self._fit(point, target, start=level) if point else Fit(level, target)
            for point in asked_points(self.space)
        }

    def _fit(self, point: Point, target: float, *, start: int) -> Fit:
        task = task_of(self.space)
        setting = task.settings[self.match.setting]

        def at(level: int) -> TrialConfig:
            return self.space.config({**point, self.match.setting: level}, seed=0)

        def allowed(level: int) -> bool:
            return setting.problem(level) is None and not refusals(task, at(level))

        def size(level: int) -> float:
            return self._size(at(level))

        levels = [int(choice) for choice in setting.allowed]
        low, high = (min(levels), max(levels)) if levels else (setting.low, setting.high)
        fit = nearest_size(size, target, start=start, low=max(low, 1), high=high, allowed=allowed)
        if fit is None:
            raise TaskError(f"{label(point)}: the task refuses every level of {self.match.setting} near {start}")
        return fit

    def _size(self, config: TrialConfig) -> float:
        try:
            size = import_module(_BUILDING).built_size(config, self.match.by)
        except (Exception, SystemExit) as error:
            point = config.delta(self.space.config({}, seed=0))
            raise TaskError(f"{point} cannot be built: {failed_result(error, 0.0).reason}") from error
        if not size:
            point = config.delta(self.space.config({}, seed=0))
            raise TaskError(f"nobody knows how many {self.match.by} the model of {point} has")
        return float(size)


if __name__ == "__main__":
    main()
