"""Scientific factors, which a study asks about; nuisance factors, which only have to be right; and fixed settings.

The words are those of the Deep Learning Tuning Playbook (Godbole et al. 2023). A comparison of the scientific factors
is fair only if each point has the best levels of the nuisance factors. A conclusion holds only at the fixed values.
"""

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from study.inference.cell_table import comparable, complete, direction, equal_size, objective, search_phases, varied
from study.inference.changes import Changes, changes, from_label, with_changes
from study.inference.columns import level_column, names_in, names_text
from study.inference.selection import best_point
from study.space.trial import BASELINE, label

OPTIMISED = "optimised"
"""The column that names what `at_best_nuisance` optimised over."""
_FIDELITY = {"epochs": "epochs", "training examples": "train_examples"}


def nuisance_factors(table: pd.DataFrame) -> list[str]:
    """Returns the factors that the study's file declares as nuisance."""
    return names_in(str(table["nuisance"].iloc[0] or "")) if "nuisance" in table and len(table) else []


def fixed_levels(table: pd.DataFrame) -> dict[str, str]:
    """Returns the settings that no factor varied. An older export only has those that its baseline changed."""
    column = next((name for name in ("fixed", "baseline") if name in table), None)
    text = str(table[column].iloc[0] or BASELINE) if column else BASELINE
    return {name: level for name, level in from_label(text).items() if level_column(name) not in table}


def at_best_nuisance(table: pd.DataFrame) -> pd.DataFrame:
    """Returns, for each choice of the scientific factors, only the cells at the best levels of the nuisance factors.

    These cells are named by the scientific factors alone. This applies to a grid over both kinds of factors. Returns
    the table unchanged if the study has no such grid, has no scientific factor, or is a search, which chose by itself.
    The best of several means is biased upward, because the same results choose it and judge it.
    """
    names = [name for name in nuisance_factors(table) if name in varied(table)]
    cells = comparable(table)
    made = changes(cells)
    choices = {point: _without(change, names) for point, change in made.items()}
    groups: dict[str, list[str]] = {}
    for point, choice in choices.items():
        groups.setdefault(label(choice), []).append(point)
    if not names or len(groups) < 2 or search_phases(table) or not _crossed(made, groups.values(), names):
        return table
    best = {_best(cells[cells["point"].isin(points)]) for points in groups.values()}
    kept = cells[cells["point"].isin(best)]
    return with_changes(kept, choices).assign(**{OPTIMISED: names_text(names)})


def best_nuisance_levels(table: pd.DataFrame) -> dict[str, list[str]]:
    """Returns the levels at which `at_best_nuisance` took each point, `learning_rate 0.01`; empty if it chose none."""
    if OPTIMISED not in table:
        return {}
    names, cells = names_in(str(table[OPTIMISED].iloc[0])), table.drop_duplicates("point")
    return {
        str(cell["point"]): [f"{name} {cell[level_column(name)]}" for name in names] for _, cell in cells.iterrows()
    }


def scope_sentence(table: pd.DataFrame, *, budget: bool = True) -> str:
    """Tells a reader which factors are of which kind and how each was treated; with `budget` also a trial's budget."""
    names = nuisance_factors(table)
    scientific = [name for name in varied(table) if name not in names]
    parts = [f"Scientific: {', '.join(scientific)}"] if scientific else []
    parts += [f"nuisance: {name}, {_treated(table, name)}" for name in names if level_column(name) in table]
    parts += [size] if (size := equal_size(table)) else []
    kept = [f"{name} {level}" for name, level in fixed_levels(table).items()]
    kept += _budget(table) if budget else []
    if kept:
        parts.append(f"fixed, not tuned for each point: {', '.join(kept)}; conclusions hold there")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _budget(table: pd.DataFrame) -> list[str]:
    """Returns the budget of each trial, without the training examples if these are a factor."""
    # A cell that trains on all examples has no number of them before it has run.
    counts = {
        word: table[column].dropna().iloc[0]
        for word, column in _FIDELITY.items()
        if column in table and table[column].nunique() == 1
    }
    return [f"{count:,.0f} {word}" for word, count in counts.items()]


def _treated(table: pd.DataFrame, name: str) -> str:
    if OPTIMISED in table:
        bias = "chosen on the seeds that judge it, so that means are biased upward"
        return f"at its best level for each point (optimised over, {bias})"
    standing = _standing(table, name)
    if name not in varied(table):
        return f"at the baseline's level, {standing}"
    if phases := search_phases(table):
        judged = " and judged on fresh seeds" if "confirm" in phases else ", not judged on fresh seeds yet"
        return f"chosen by the search for each point{judged}; at the baseline {standing}"
    alone = all(len(change) < 2 for change in changes(table).values() if name in change)
    return f"varied alone; for all else at the baseline's level, {standing}" if alone else "every level shown"


def _standing(table: pd.DataFrame, name: str) -> str:
    levels = table.loc[table["point"] == BASELINE, level_column(name)]
    return "unknown" if levels.empty else str(levels.iloc[0])


def _without(change: Changes, names: Collection[str]) -> Changes:
    return {factor: level for factor, level in change.items() if factor not in names}


def _crossed(made: Mapping[str, Changes], groups: Iterable[list[str]], names: list[str]) -> bool:
    """Whether each group of points, a choice of the scientific factors, has the same levels of the named factors."""

    def tried(point: str) -> frozenset[tuple[str, str]]:
        return frozenset((factor, level) for factor, level in made[point].items() if factor in names)

    return len({frozenset(map(tried, points)) for points in groups}) == 1


def _best(cells: pd.DataFrame) -> str:
    """Returns the point of the best mean among those with the most complete cells. A level that fails is not good."""
    done = complete(cells).groupby("point", sort=False)[objective(cells)]
    if not done.ngroups:
        return str(cells["point"].iloc[0])
    whole = done.mean()[done.size() == done.size().max()]
    means = {str(point): float(mean) for point, mean in whole.items()}
    return best_point(means, sign=1 if direction(cells) == "maximize" else -1)
