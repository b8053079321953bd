"""A cell, the trials that run it, and the rules by which every ledger judges them."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from study.engines.cell_folder import CHECKPOINT, folder_name
from study.errors import StoreError
from study.files import LATER
from study.space.hints import did_you_mean
from study.space.search_space import SearchSpace
from study.space.surgery import REFUSED
from study.space.trial import CellState, State, TrialConfig, TrialResult

Phase = Literal["", "search", "confirm"]


@dataclass(frozen=True)
class Cell:
    """One cell of a study and its state."""

    config: TrialConfig
    point: str
    phase: Phase
    state: CellState = "missing"
    trial: int | None = None
    """The number of its last trial; None if it has none."""
    failures: int = 0
    result: TrialResult | None = None
    """The result of its last trial, without the curve; None while that trial runs, or if its launcher died."""
    begun: datetime | None = None
    """When its last trial began, in this machine's time; None if it has none."""


@dataclass(frozen=True)
class Trial:
    """One run of a cell, by its number."""

    number: int
    config: TrialConfig
    point: str
    phase: Phase = ""
    origin: str = ""
    """How the search arrived at the point, if it was not the sampler's first suggestion."""


def judged(result: TrialResult, space: SearchSpace) -> TrialResult:
    """Return the result as it counts. A complete one must have a number for each objective and meet the constraints."""
    if result.state not in ("complete", "refused") or result.reason.startswith(REFUSED):
        return result
    if refusal := space.refusal(vars(result)):
        return replace(result, state="refused", reason=refusal)
    for objective in space.objectives:
        metric, value = objective.metric, objective.of(result)
        if value is None:
            return replace(result, state="failed", reason=lacking_objective(space, result.metrics))
        if math.isnan(value):
            when = "any" if objective.epoch == "best" else "the last"
            return replace(result, state="diverged", reason=f"{metric} is not a number after {when} epoch")
    return result


def lacking_objective(space: SearchSpace, metrics: Collection[str]) -> str:
    """Returns the reason of a failure if an objective is not among the reported metrics; empty if all are there."""
    missing = [objective.metric for objective in space.objectives if objective.metric not in metrics]
    if not missing:
        return ""
    reported = ", ".join(metrics) or "nothing"
    return f"reported {reported}, but not the objective, {missing[0]}{did_you_mean(missing[0], metrics)}"


def state_after(last: State, *, failures: int, retries: int) -> CellState:
    """Return the state of a cell from the state of its last trial and the number of its failures."""
    return "missing" if last == "failed" and failures <= retries else last


def check_room(result: TrialResult, folder: Path) -> None:
    """Raise StoreError if the disk was full, because the next trial would fail too and this cell is not to blame."""
    if result.failure == "disk":
        raise StoreError(f"{folder}: a trial found no room ({result.reason}); {LATER}")


def count_begun(folder: Path, missing: Iterable[TrialConfig]) -> int:
    """Returns how many of these cells have a checkpoint. `folder` holds the folders of all cells."""
    return sum((folder / folder_name(config.key) / CHECKPOINT).is_file() for config in missing)
