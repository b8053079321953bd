"""What the tidy table says: which of its cells count, which compare, and what each of its points changes.

Only complete cells are ever averaged; `left_out` counts the others, so that whatever is printed or drawn can say so.
"""

import re
from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from study.errors import InferenceError
from study.inference.changes import changes
from study.inference.columns import LEVEL, level_column, metric_column, with_prefix
from study.inference.selection import may_be_compared
from study.space.search_space import Method
from study.space.trial import CELL_STATES

_DIGIT = re.compile(r"metric\.val_digit_(\d+)_acc")
UNFINISHED = (*(state for state in CELL_STATES if state != "complete"), "unmeasured")
"""Why a cell is not averaged, in the order of reports; unmeasured is complete, but without the objective."""


BIASING = frozenset({"pruned", "diverged", "failed", "unmeasured"})
"""States that may be the level's own doing; a cell that has not run yet says nothing about its level."""


class Declared(NamedTuple):
    """What a study's file says of how its variants are compared with its baseline."""

    method: Method
    margin: float | None
    """The largest difference that makes none in practice."""
    sign: int
    """1 where more of the objective is better, -1 where less is."""


def objective(table: pd.DataFrame) -> str:
    """The column of the objective's final values; InferenceError where the table has none, or several."""
    names = list(table["objective"].dropna().unique())
    if len(names) != 1:
        raise InferenceError(f"one study has one objective, this table has {len(names)}: {', '.join(map(str, names))}")
    column = metric_column(names[0])
    if column not in table:
        raise InferenceError(f"the objective is {names[0]}, but there is no column {column}")
    return column


def declared(table: pd.DataFrame) -> Declared:
    """What the search-space file says of the comparisons; an export of before it was written there says nothing."""
    paired, equal, margin = (_declared(table, name) for name in ("paired", "equal_variances", "margin"))
    method: Method = "paired" if paired else "equal_variances" if equal else "welch"
    direction = _declared(table, "direction")
    return Declared(method, None if margin is None else float(margin), 1 if direction == "maximize" else -1)


def revision_sentence(table: pd.DataFrame) -> str:
    """What was changed of the study once results were there, for a reader; empty where nothing was, or none tells."""
    said = "; ".join(filter(None, table["revised"].dropna().unique())) if "revised" in table else ""
    return f"Revised {said}: no p and no interval allows for a choice made by results." if said else ""


def openings_sentence(table: pd.DataFrame) -> str:
    """How often the test split was opened before this was written, for a reader; empty where it never was."""
    count = int(table["test_openings"].max()) if "test_openings" in table and len(table) else 0
    times = "once" if count == 1 else f"{count} times"
    return f"The test split was opened {times} so far." if count else ""


def _declared(table: pd.DataFrame, name: str) -> Any:
    values = list(table[name].dropna().unique()) if name in table else []
    if len(values) > 1:
        raise InferenceError(f"one study has one {name}, this table has {len(values)}: {', '.join(map(str, values))}")
    return values[0] if len(values) else None


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """The cells that count: those that ran to their end and have a finite objective."""
    return table[_counts(table)]


def left_out(table: pd.DataFrame) -> dict[str, int]:
    """How many cells no mean contains, by why; empty where every cell counts."""
    states = table.loc[~_counts(table), "state"].replace("complete", "unmeasured").value_counts()
    # A state that is not in the list comes from a file of someone's own; it is counted all the same.
    return {state: int(states[state]) for state in dict.fromkeys([*UNFINISHED, *states.index]) if state in states}


def counts_text(counts: Mapping[str, int]) -> str:
    """Counts in words: `2 diverged, 1 missing`."""
    return ", ".join(f"{number} {what}" for what, number in counts.items())


def _counts(table: pd.DataFrame) -> "pd.Series[bool]":
    # A study of which nothing has run yet has no columns of metrics: then nothing counts.
    if not (table["state"] == "complete").any():
        return pd.Series(False, index=table.index)
    return (table["state"] == "complete") & np.isfinite(table[objective(table)].astype(float))


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """The cells whose means may be compared: all; but of a search with confirmation only what confirms."""
    return table[may_be_compared(table["phase"])] if "phase" in table else table


def cells_at(table: pd.DataFrame, levels: Mapping[str, str], *, standing: Mapping[str, str]) -> pd.DataFrame:
    """The comparable cells at these levels with everything else at the baseline, complete or not.

    `standing` is the baseline's level of every setting; levels are given as points' names write them.
    """

    def fits(change: Mapping[str, str]) -> bool:
        return change.keys() <= levels.keys() and levels.items() <= {**standing, **change}.items()

    cells = comparable(table)
    return cells[cells["point"].isin([point for point, change in changes(cells).items() if fits(change)])]


def varied(table: pd.DataFrame) -> list[str]:
    """The factors that some point changes, in the order of their columns."""
    touched = {factor for change in changes(table).values() for factor in change}
    return [name for name in with_prefix(table, LEVEL) if name in touched]


def around_baseline(table: pd.DataFrame, factors: Collection[str]) -> pd.DataFrame:
    """The cells in which nothing but these factors differs from the baseline, the baseline's own among them."""
    around = [point for point, change in changes(table).items() if change.keys() <= set(factors)]
    return table[table["point"].isin(around)]


def isolated(table: pd.DataFrame, factor: str) -> bool:
    """Whether every level of the factor was tried with everything else at the baseline; a search does not do so."""
    if "phase" in table and (table["phase"] == "search").any():
        return False
    column = level_column(factor)
    return set(table[column].dropna()) == set(around_baseline(table, [factor])[column].dropna())


def crossed_pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The pairs of factors varied together: some point changes just the two, and most of their table is filled."""
    return [pair for pair in combinations(varied(table), 2) if _is_crossed(table, pair)]


def _is_crossed(table: pd.DataFrame, pair: tuple[str, str]) -> bool:
    cells = around_baseline(table, pair)
    columns = [level_column(factor) for factor in pair]
    size = cells[columns[0]].nunique() * cells[columns[1]].nunique()
    together = any(len(change) == 2 for change in changes(cells).values())
    return together and 2 * len(cells[columns].drop_duplicates()) > size


def search_history(table: pd.DataFrame) -> pd.DataFrame:
    """A search's own cells in the order in which it began them: `trial` from 1, `value`, and `best` so far."""
    cells = table[table["phase"] == "search"] if "phase" in table else table.head(0)
    value = cells[objective(table)].astype(float)
    known = value.where(_counts(cells))
    best = (known.cummax() if (cells["direction"] == "maximize").all() else known.cummin()).ffill()
    return cells.assign(trial=range(1, len(cells) + 1), value=value, best=best)


def whole_curves(epochs: pd.DataFrame, *, metric: str) -> "pd.Series[bool]":
    """For each row, whether its cell reached the last epoch that any reached, with a finite value of the metric."""
    arrived = (epochs["epoch"] == epochs["epoch"].max()) & np.isfinite(epochs[metric_column(metric)].astype(float))
    return epochs["key"].isin(set(epochs.loc[arrived, "key"]))


def digit_shares(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each position of each comparable cell that counts: `value`, the share of digits read right there."""
    cells = complete(comparable(table))
    places = {str(column): int(found[1]) for column in cells if (found := _DIGIT.fullmatch(str(column)))}
    if not places:
        raise InferenceError("no column metric.val_digit_1_acc: the task does not count each digit on its own")
    long = cells.melt(["point", "key", "seed"], list(places), var_name="position", value_name="value")
    return long.assign(position=long["position"].map(places)).dropna(subset=["value"])
