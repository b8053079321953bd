"""What each point changes, as a table of effects shows it beside the point's name: `2 → 4`."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from study.inference.changes import changes
from study.inference.columns import level_column
from study.inference.nuisance import best_nuisance_levels
from study.space.trial import BASELINE
from study.task import Level, describe


def change_words(table: pd.DataFrame) -> dict[str, str]:
    """Returns for each point the factor's change, such as `2 → 4`, and its best levels of the nuisance factors.

    A point that changes several factors shows no change, because its name lists them all. Without a cell of the
    baseline, only the new level is shown.
    """
    baselines = table[table["point"] == BASELINE].to_dict("records")
    best = best_nuisance_levels(table)
    return {
        point: ", ".join([*_single_change(changed, baselines[0] if baselines else {}), *best.get(point, [])])
        for point, changed in changes(table).items()
    }


def _single_change(changed: Mapping[str, str], baseline: Mapping[Any, Any]) -> list[str]:
    if len(changed) != 1:
        return []
    ((factor, level),) = changed.items()
    before = baseline.get(level_column(factor))
    if before is None:
        return [level]
    # A NumPy value becomes a Python value, so that it is written as in the search-space file.
    plain: Level = before.item() if hasattr(before, "item") else before
    return [f"{describe(plain)} → {level}"]
