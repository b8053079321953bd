"""Questions to a study's table: which cells count, which may be compared, and which factors were varied.

Only complete cells are averaged. `left_out` counts the others, so that each print and each figure can name them.
"""

import re
from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from study.errors import InferenceError
from study.inference.changes import changes
from study.inference.columns import (
    CHANCE,
    COUNTED,
    LEVEL,
    LOOKS,
    MATCHED,
    METRIC,
    TRIAL,
    level_column,
    metric_column,
    metric_name,
    with_prefix,
)
from study.inference.selection import may_be_compared
from study.space.margin import is_too_wide
from study.space.objective import Direction
from study.space.search_space import Method
from study.space.trial import BASELINE, CELL_STATES

_DIGIT = re.compile(r"metric\.val_digit_(\d+)_acc")
UNFINISHED = (*(state for state in CELL_STATES if state != "complete"), "unmeasured")
"""Why a cell is not averaged, in the order of reports. An unmeasured cell is complete but lacks the objective."""
_SEEDS = re.compile(r"\bseeds ([\d ]+) → ([\d ]+)")
_PEEKING = (
    "Seeds that are added once verdicts were seen let a difference be found by chance: in 11 % of studies without any "
    "effect after three looks, in 16 % with a look after each seed from 5 to 15. `looks` in place of `seeds` keeps 5 %."
)
BIASING = frozenset({"pruned", "diverged", "failed", "unmeasured"})
"""States that the level itself may cause. A cell that has not run yet says nothing about its level."""


class Declared(NamedTuple):
    """How the study's file says that variants are compared with the baseline."""

    method: Method
    margin: float | None
    """The largest difference that does not matter in practice. None if it is wider than all results."""
    sign: int
    """1 if more of the objective is better, -1 if less is better."""
    looks: tuple[int, ...] = ()
    """The seeds of an undecided variant at each look. Empty if the study declares none."""


def objective(table: pd.DataFrame) -> str:
    """Returns the column of the objective's final values. Raises InferenceError if the table has none, or several."""
    names = list(table["objective"].dropna().unique())
    if len(names) != 1:
        raise InferenceError(f"one study has one objective, this table has {len(names)}: {', '.join(map(str, names))}")
    column = metric_column(names[0])
    if column not in table:
        raise InferenceError(f"the objective is {names[0]}, but there is no column {column}")
    return column


def objective_name(table: pd.DataFrame) -> str:
    """Returns the objective as a sentence names it: `val_acc`, or `val_acc at the best epoch` if that one counts."""
    name = metric_name(objective(table))
    return f"{name} at the best epoch" if counts_best_epoch(table) else name


def counts_best_epoch(table: pd.DataFrame) -> bool:
    """Whether the objective counts at its best epoch, and not at the last one."""
    return COUNTED in table and bool((table[COUNTED] == "best").any())


def declared(table: pd.DataFrame) -> Declared:
    """Returns what the search-space file says about comparisons. An old export has no such columns: defaults apply."""
    paired, equal = (_flag(table, name) for name in ("paired", "equal_variances"))
    method: Method = "paired" if paired else "equal_variances" if equal else "welch"
    margin = None if margin_sentence(table) else _margin(table)
    return Declared(method, margin, 1 if direction(table) == "maximize" else -1, declared_looks(table))


def margin_sentence(table: pd.DataFrame) -> str:
    """Returns a sentence about a margin that is wider than all results. Empty if it is not, or if there is none.

    Within such a margin nothing could ever differ, so that it decides nothing.
    """
    margin = _margin(table)
    if margin is None or (cells := complete(table)).empty:
        return ""
    values = cells[objective(table)].to_numpy(float)
    if not is_too_wide(margin, float(values.min()), float(values.max())):
        return ""
    ends = f"{values.min():.3g} to {values.max():.3g}"
    return f"The margin of {margin:g} is wider than all results ({ends}), so it decides nothing; is it in percent?"


def direction(table: pd.DataFrame) -> Direction:
    """Returns whether more of the objective is better. Raises InferenceError if the table does not say."""
    found = {str(text).strip().lower() for text in table["direction"].dropna().unique()} if "direction" in table else ""
    if found == {"maximize"}:
        return "maximize"
    if found == {"minimize"}:
        return "minimize"
    said = ", ".join(map(repr, sorted(found))) or "nothing"
    raise InferenceError(f'{_study(table)}column direction must say "maximize" or "minimize", the same for all: {said}')


def epoch_sentence(table: pd.DataFrame) -> str:
    """Returns a sentence about which epoch counts. Empty if it is the last one."""
    sentence = "Each trial counts with its best epoch, which is optimistic, because chance chose it, too."
    return sentence if counts_best_epoch(table) else ""


def looks_sentence(table: pd.DataFrame) -> str:
    """Returns a sentence about what allows for the looks, and what does not. Empty if the study declares none."""
    if not declared_looks(table):
        return ""
    return (
        "Points that were decided at a look got no more seeds. Only the comparisons with the baseline allow for that: "
        "trends, interactions and shares that learned do not."
    )


def equal_size(table: pd.DataFrame) -> str:
    """Returns how points were made equally large: `at equal parameters (width chosen for each point, within 2 %)`.

    Empty if they were not.
    """
    said = re.fullmatch(r"(\w+) by (.+) within ([\d.e-]+)", str(_declared(table, MATCHED) or ""))
    if said is None:
        return ""
    by, setting, within = said.groups()
    return f"at equal {by} ({setting} chosen for each point, within {100 * float(within):g} %)"


def revision_sentence(table: pd.DataFrame) -> str:
    """Returns a sentence about changes to the study that were made after results existed. Empty if there are none."""
    changes = "; ".join(filter(None, table["revised"].dropna().unique())) if "revised" in table else ""
    if not changes:
        return ""
    peeking = f" {_PEEKING}" if any(_grew(*lists) for lists in _SEEDS.findall(changes)) else ""
    return f"Revised {changes}: no p and no interval allows for a choice made by results.{peeking}"


def _grew(before: str, now: str) -> bool:
    """Whether seeds were added to a list of seeds."""
    return len(now.split()) > len(before.split())


def openings_sentence(table: pd.DataFrame) -> str:
    """Returns a sentence about how often the test split was opened so far. Empty if it never was."""
    count = int(table["test_openings"].max()) if "test_openings" in table and len(table) else 0
    times = "once" if count == 1 else f"{count} times"
    return f"The test split was opened {times} so far." if count else ""


def _declared(table: pd.DataFrame, name: str) -> Any:
    values = list(table[name].dropna().unique()) if name in table else []
    if len(values) > 1:
        raise InferenceError(f"one study has one {name}, this table has {len(values)}: {', '.join(map(str, values))}")
    return values[0] if len(values) else None


def _flag(table: pd.DataFrame, name: str) -> bool:
    value = _declared(table, name)
    if value is None or value in (True, False):
        return bool(value)
    raise InferenceError(f"{_study(table)}column {name} must be True or False, not {value!r}")


def declared_looks(table: pd.DataFrame) -> tuple[int, ...]:
    """Returns the seeds of an undecided variant at each look. Empty if the study declares none."""
    text = str(_declared(table, LOOKS) or "")
    if all(map(str.isdecimal, text.split())):
        return tuple(map(int, text.split()))
    raise InferenceError(f"{_study(table)}column {LOOKS} must be numbers of seeds, such as '5 8 12 20', not {text!r}")


def declared_chance(table: pd.DataFrame) -> float | None:
    """Returns the objective of a model that has learned nothing. None if the task does not say it."""
    value = _declared(table, CHANCE)
    chance = pd.to_numeric(value, errors="coerce")
    if value is None or np.isfinite(chance):
        return None if value is None else float(chance)
    raise InferenceError(f"{_study(table)}column {CHANCE} must be a number, not {value!r}")


def _margin(table: pd.DataFrame) -> float | None:
    value = _declared(table, "margin")
    margin = pd.to_numeric(value, errors="coerce")
    if value is None or margin > 0:
        return None if value is None else float(margin)
    raise InferenceError(f"{_study(table)}column margin must be a number above 0, not {value!r}")


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells that count: they ran to their end and have a finite objective."""
    return table[_counts(table)]


def left_out(table: pd.DataFrame) -> dict[str, int]:
    """Returns how many cells are in no mean, by the reason. Empty if every cell counts."""
    states = table.loc[~_counts(table), "state"].replace("complete", "unmeasured").value_counts()
    # A state that is not in the list comes from a file that someone else wrote. It is counted, too.
    return {state: int(states[state]) for state in dict.fromkeys([*UNFINISHED, *states.index]) if state in states}


def biased(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells that are in no mean because of a reason that their level may have caused, as divergence."""
    return table[~_counts(table) & table["state"].isin([*BIASING, "complete"])]


def counts_text(counts: Mapping[str, int]) -> str:
    """Returns counts in words: `2 diverged, 1 missing`."""
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def _counts(table: pd.DataFrame) -> "pd.Series[bool]":
    # If nothing has run yet, the table has no columns of metrics. Then nothing counts.
    if not (table["state"] == "complete").any():
        return pd.Series(False, index=table.index)
    return (table["state"] == "complete") & np.isfinite(table[objective(table)].astype(float))


def check_baseline(table: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Raises InferenceError if the baseline is not among these complete cells of the table."""
    if not (cells["point"] == BASELINE).any():
        counts = counts_text(left_out(table[table["point"] == BASELINE])) or "none"
        raise InferenceError(
            f"{_study(table)}no cell of the baseline is complete: there is nothing to compare with; "
            f"its unfinished cells: {counts}"
        )


def _study(table: pd.DataFrame) -> str:
    """Returns the study's name as the beginning of a message. Empty if the table names none."""
    return f"{table['study'].iloc[0]}: " if "study" in table and len(table) else ""


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells whose means may be compared: all, or only the confirming ones if a search confirmed points.

    Raises InferenceError if a cell is there twice, because copies would count as independent results.
    """
    # A list, because to go through a column of texts value by value takes ten times as long.
    cells = table[may_be_compared(table["phase"].tolist())] if "phase" in table else table
    if "seed" in cells and (twice := cells.duplicated([*cells.columns.intersection(["study"]), "point", "seed"])).any():
        cell = cells[twice].iloc[0]
        what = f"point {cell['point']} has seed {cell['seed']} twice"
        raise InferenceError(f"{_study(table)}{what}, and a cell counts once; export each study on its own")
    return cells


def cells_at(table: pd.DataFrame, levels: Mapping[str, str], *, baseline: Mapping[str, str]) -> pd.DataFrame:
    """Returns the comparable cells at these levels, complete or not. Every other setting is at the baseline.

    `baseline` holds the baseline's level of every setting. Levels are written as in points' labels.
    """

    def fits(change: Mapping[str, str]) -> bool:
        return change.keys() <= levels.keys() and levels.items() <= {**baseline, **change}.items()

    cells = comparable(table)
    return cells[cells["point"].isin([point for point, change in changes(cells).items() if fits(change)])]


def varied(table: pd.DataFrame) -> list[str]:
    """Returns the factors that some point changes, in the order of their columns."""
    changed = {factor for change in changes(table).values() for factor in change}
    return [name for name in with_prefix(table, LEVEL) if name in changed]


def level_numbers(levels: "pd.Series[Any]") -> "pd.Series[float]":
    """Returns a factor's levels as numbers, NaN where one is none. True and False are none."""
    booleans = levels.map(lambda level: isinstance(level, bool | np.bool_))
    numbers: pd.Series[float] = pd.to_numeric(levels.mask(booleans), errors="coerce")
    return numbers


def around_baseline(table: pd.DataFrame, factors: Collection[str]) -> pd.DataFrame:
    """Returns the cells that differ from the baseline in these factors only, and the baseline's own cells."""
    around = [point for point, change in changes(table).items() if change.keys() <= set(factors)]
    return table[table["point"].isin(around)]


def search_phases(table: pd.DataFrame) -> set[str]:
    """Returns the phases of a search that the cells belong to, `search` and `confirm`. Other designs have none."""
    return {"search", "confirm"} & set(table["phase"]) if "phase" in table else set()


def isolated(table: pd.DataFrame, factor: str) -> bool:
    """Whether every level of the factor was tried with all other factors at the baseline. A search does not do so."""
    if "search" in search_phases(table):
        return False
    column = level_column(factor)
    return set(table[column].dropna()) == set(around_baseline(table, [factor])[column].dropna())


def crossed_pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Returns the pairs of factors that were varied together.

    Some point changes only these two, and most combinations of their levels were tried.
    """
    return [pair for pair in combinations(varied(table), 2) if _is_crossed(table, pair)]


def _is_crossed(table: pd.DataFrame, pair: tuple[str, str]) -> bool:
    cells = around_baseline(table, pair)
    columns = [level_column(factor) for factor in pair]
    size = cells[columns[0]].nunique() * cells[columns[1]].nunique()
    together = any(len(change) == 2 for change in changes(cells).values())
    return together and 2 * len(cells[columns].drop_duplicates()) > size


def search_history(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a search's own cells in the order of their start, with the columns `trial`, `value`, and `best` so far.

    A table of before trials had a column gets the numbers that they have if none ran twice.
    """
    cells = table[table["phase"] == "search"] if "phase" in table else table.head(0)
    cells = cells.sort_values(TRIAL, kind="stable") if TRIAL in cells else cells.assign(trial=range(len(cells)))
    value = cells[objective(table)].astype(float)
    counted = value.where(_counts(cells))
    best = (counted.cummin() if len(cells) and direction(cells) == "minimize" else counted.cummax()).ffill()
    return cells.assign(value=value, best=best)


def whole_curves(epochs: pd.DataFrame, *, metric: str) -> "pd.Series[bool]":
    """Returns for each row whether its cell has a finite value of the metric at the last epoch of the table."""
    ended = (epochs["epoch"] == epochs["epoch"].max()) & np.isfinite(epochs[metric_column(metric)].astype(float))
    return epochs["key"].isin(set(epochs.loc[ended, "key"]))


def digit_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a row for each position of each comparable complete cell: `value` is the share read right there."""
    cells = complete(comparable(table))
    positions = {str(column): int(match[1]) for column in cells if (match := _DIGIT.fullmatch(str(column)))}
    if not positions:
        metrics = ", ".join(with_prefix(table, METRIC)) or "none"
        way = "the task does not count each digit on its own"
        raise InferenceError(f"{_study(table)}no column metric.val_digit_1_acc: {way}; its metrics: {metrics}")
    long = cells.melt(["point", "key", "seed"], list(positions), var_name="position", value_name="value")
    return long.assign(position=long["position"].map(positions)).dropna(subset=["value"])
