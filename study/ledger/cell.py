"""A cell on its way through a ledger: claimed, judged, kept. What every ledger does alike, wherever it is written."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from study.errors import StoreError
from study.files import LATER
from study.space.search_space import SearchSpace
from study.space.trial import State, TrialConfig, TrialResult

CellState = Literal["complete", "running", "pruned", "refused", "diverged", "failed", "missing"]
Phase = Literal["", "search", "confirm"]


@dataclass(frozen=True)
class Claim:
    """A cell that is to be run now, as the trial of this number."""

    trial: int
    config: TrialConfig
    point: str
    phase: Phase = ""
    drawn: str = ""
    """How a search came to its point, where the sampler's first draw was no new one."""


def judged(result: TrialResult, space: SearchSpace) -> TrialResult:
    """The result as it counts: complete is only what has a number for each objective and keeps the constraints."""
    if result.state not in ("complete", "refused"):
        return result
    if refusal := space.refusal(vars(result)):
        return replace(result, state="refused", reason=refusal)
    for objective in space.objectives:
        metric, value = objective.metric, objective.of(result)
        if value is None:
            there = ", ".join(result.metrics) or "nothing"
            return replace(result, state="failed", reason=f"reported {there}, but not the objective, {metric}")
        if math.isnan(value):
            return replace(result, state="diverged", reason=f"{metric} is not a number after the last epoch")
    return result


def standing(last: State, *, failures: int, retries: int) -> CellState:
    """Where a cell stands whose last trial ended so, after this many failures."""
    return "missing" if last == "failed" and failures <= retries else last


def check_room(result: TrialResult, folder: Path) -> None:
    """Raise StoreError where a trial found no room: the next would fare no better, and this one is not to blame."""
    if result.failure == "disk":
        raise StoreError(f"{folder}: a trial found no room ({result.reason}); {LATER}")
