"""The levels of a setting at which the models of a study are as large as the baseline's.

Models are built in another process, because this one must not load Keras. The answer stays in the cache.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from study.errors import TaskError
from study.files import cache_folder, write_whole
from study.space.cell_key import digest
from study.space.match import Match
from study.space.nearest_size import Fit
from study.space.points import asked_points
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.space.trial import label

_PROGRAM = "study.training.size_matching"
"""Builds the models. It loads Keras, which this process must not do."""
_SECONDS = 1_800


@dataclass(frozen=True)
class MatchedPoints:
    """The points of a study that shall be equally large."""

    space: SearchSpace
    match: Match

    def fits(self) -> dict[str, Fit]:
        """Returns for each point the level that comes nearest, and the size there, from the cache if it is there.

        The baseline comes first, with its own level. Raises TaskError if a model cannot be built or has no known size.
        """
        path = self._kept()
        answer = _read(path)
        if not answer:
            answer = self._asked()
            with suppress(OSError):
                write_whole(path, json.dumps(answer))
        return {point: Fit(int(level), float(size)) for point, (level, size) in answer.items()}

    def _asked(self) -> dict[str, Any]:
        asked = json.dumps({"space": self.space.to_json(), "match": self.match.to_json()})
        # Without the current folder, where the user may have a `study.py`.
        command = [sys.executable, "-P", "-m", _PROGRAM]
        try:
            done = subprocess.run(command, input=f"{asked}\n", capture_output=True, text=True, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise TaskError(f"the models could not be built within {_SECONDS} seconds") from None
        lines = done.stdout.splitlines()
        died = {"problem": f"the process that builds the models ended with {done.returncode}"}
        answer: dict[str, Any] = json.loads(lines[-1]) if lines and done.returncode == 0 else died
        if "problem" in answer:
            raise TaskError(str(answer["problem"]))
        return answer

    def _kept(self) -> Path:
        """Returns the place in the cache for the answer: one for each question, code and version of Keras."""
        space, code = self.space, code_of(self.space)
        points = {label(point): space.config(point, seed=0).key for point in asked_points(space)}
        about = {"code": code.fingerprint, "place": code.place, "keras": metadata.version("keras")}
        facts = {**about, "points": points, "match": [self.match.setting, self.match.by]}
        return cache_folder() / f".{space.task}-{digest(facts)[:16]}.sizes.json"


def _read(path: Path) -> Mapping[str, Any] | None:
    with suppress(OSError, ValueError):
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return known
    return None
