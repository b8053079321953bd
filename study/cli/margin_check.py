"""Refuses a margin that can decide nothing, because no two results could differ by more."""

import math
from pathlib import Path

from study.cli.code_notes import stored_ledger
from study.errors import SearchSpaceError
from study.space.margin import is_share, is_too_wide
from study.space.search_space import SearchSpace


def check_margin(file: Path, space: SearchSpace, folder: Path) -> None:
    """Raises SearchSpaceError if the margin is wider than the objective's range, or than all results in the store."""
    margin, metric = space.margin, space.objective.metric
    if margin is None:
        return
    way = f"{file}: margin: {margin:g} is wider than"
    if is_share(metric) and margin >= 1:
        raise SearchSpaceError([f"{way} the range of {metric}, 0 to 1; 3 % is written as 0.03"])
    values = _values(space, folder)
    if values and is_too_wide(margin, min(values), max(values)):
        ends = f"{min(values):.3g} to {max(values):.3g}"
        raise SearchSpaceError([f"{way} all results of {metric} so far, {ends}; nothing could differ by more"])


def _values(space: SearchSpace, folder: Path) -> list[float]:
    """Returns the objective of each complete cell of the study in the store. Empty if there is no such study."""
    if (ledger := stored_ledger(space, folder)) is None:
        return []
    measured = [ledger.metrics(cell) for cell in ledger.cells() if cell.state == "complete"]
    values = (metrics.get(space.objective.metric, math.nan) for metrics in measured)
    return [value for value in values if math.isfinite(value)]
