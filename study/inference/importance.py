"""On which factors a study's results depend most, by two of Optuna's evaluators. A share of importance is no effect."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from study.errors import InferenceError
from study.inference import cell_table
from study.inference.columns import level_column
from study.task import Level, describe, plain

Evaluator = Literal["fANOVA", "PED-ANOVA"]
FEWEST = 10
"""The fewest cells. With fewer, the best tenth would hold no cell."""
SHUFFLES = 19
"""How often values are shuffled. If no factor matters, the true values lead to more once in twenty times."""
_FANOVA_STEPS = 60_000
"""The largest number of steps a tree for which fANOVA is computed. It takes some seconds."""
_CLOSE = 1e-8
"""By how much of a step a level may miss the nearest one."""
WIDE = 30
"""A range counts as logarithmic if its ends have a larger ratio than this."""


def evaluated_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells from which importance is computed, complete or not: of a search its own trials, else all.

    Confirming cells exist only at the best points, so they would hide how the other levels did.
    """
    return table[table["phase"] == "search"] if _is_search(table) else table


def importances(
    table: pd.DataFrame, *, evaluator: Evaluator, declared: Mapping[str, BaseDistribution] | None = None
) -> dict[str, float]:
    """Returns each varied factor's share of 1, the largest first.

    `declared` are the distributions of the study's factors, as Optuna's journal holds them. Without them, or if cells
    have levels outside of them because the study's file was changed, they are guessed from the cells.

    Raises InferenceError if factors were not varied together, cells are too few, all have the same value, or fANOVA
    would take minutes.
    """
    study = _study(table, declared or {})
    if evaluator == "PED-ANOVA":
        return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    _check_steps(study)
    try:
        return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    except ImportError:
        raise InferenceError(f"{evaluator} needs scikit-learn, which is not here: pip install scikit-learn") from None


def share_by_chance(table: pd.DataFrame, *, declared: Mapping[str, BaseDistribution] | None = None) -> float:
    """Returns how large a share by PED-ANOVA a factor without any influence may get: values are shuffled among cells.

    It is the largest importance of any factor in `SHUFFLES` shuffles, divided by the sum of the true importances, so
    that it can be above 1. fANOVA takes too long for this.
    """
    study, random = _study(table, declared or {}), np.random.default_rng(0)
    total = sum(_raw(study).values())
    trials = study.get_trials(deepcopy=False)
    values = np.array([trial.value for trial in trials])
    largest = 0.0
    for _ in range(SHUFFLES):
        for trial, value in zip(trials, random.permutation(values), strict=True):
            trial.value = float(value)  # The study is ours alone, so its own trials may change.
        largest = max(largest, *_raw(study).values())
    return largest / total if total > 0 else 1.0


def _raw(study: optuna.Study) -> dict[str, float]:
    """Returns the importances by PED-ANOVA before they are divided by their sum."""
    return PedAnovaImportanceEvaluator().evaluate(study)


def _check_steps(study: optuna.Study) -> None:
    """Refuse a study for which fANOVA would take minutes.

    For each factor, a tree is walked once for each of its levels, or for each subset of the choices of a list.
    """
    trials = study.get_trials(deepcopy=False)
    spaces = {name: kind for trial in trials for name, kind in trial.distributions.items()}
    walks = sum(
        2 ** len(kind.choices) if isinstance(kind, CategoricalDistribution) else len(trials) for kind in spaces.values()
    )
    if walks * len(trials) > _FANOVA_STEPS:
        raise InferenceError(f"fANOVA is left out, because it would take minutes for {len(trials):,} cells")


def _is_search(table: pd.DataFrame) -> bool:
    return "phase" in table and bool((table["phase"] == "search").any())


def _study(table: pd.DataFrame, declared: Mapping[str, BaseDistribution]) -> optuna.Study:
    """Returns the table's cells as an Optuna study in memory, so that an exported file works like a store."""
    cells = cell_table.complete(evaluated_cells(table))
    distributions = _distributions(table, cells, declared)
    study = optuna.create_study(direction=cell_table.direction(cells))
    values = cells[cell_table.objective(cells)].astype(float)
    for value, row in zip(values, cells.to_dict("records"), strict=True):
        levels = {name: row[level_column(name)] for name in distributions}
        params = {name: _in_kind(level, distributions[name]) for name, level in levels.items() if pd.notna(level)}
        study.add_trial(
            create_trial(value=value, params=params, distributions={name: distributions[name] for name in params})
        )
    return study


def _distributions(
    table: pd.DataFrame, cells: pd.DataFrame, declared: Mapping[str, BaseDistribution]
) -> dict[str, BaseDistribution]:
    """Returns Optuna's distribution of each factor that has several levels in these cells."""
    together = _is_search(table) or cell_table.crossed_pairs(cell_table.complete(table))
    factors = [name for name in cell_table.varied(cells) if cells[level_column(name)].nunique() > 1]
    if not together or len(factors) < 2:
        way = 'importance needs factors varied together: `kind = "sweep"` or "grid" in [design]'
        raise InferenceError(f"{way}; with several levels here: {', '.join(factors) or 'none'}")
    if len(cells) < FEWEST:
        raise InferenceError(f"importance needs at least {FEWEST} complete cells, and there are {len(cells)}")
    if cells[cell_table.objective(cells)].nunique() < 2:
        value = cells[cell_table.objective(cells)].iloc[0]
        raise InferenceError(f"every cell has the same value, {value:g}: no factor can have a share in a difference")
    return {name: _distribution(cells[level_column(name)].dropna(), declared.get(name)) for name in factors}


def _distribution(levels: "pd.Series", declared: BaseDistribution | None) -> BaseDistribution:
    distinct = levels.unique()
    if declared is not None and all(_in_kind(level, declared) is not None for level in distinct):
        return declared
    numeric = pd.api.types.is_numeric_dtype(levels) and not pd.api.types.is_bool_dtype(levels)
    # Levels that recur come from a list, and a search over a list gives Optuna a categorical distribution.
    if not numeric or 2 * len(distinct) <= len(levels):
        return CategoricalDistribution(sorted(map(str, distinct)))
    low, high = float(levels.min()), float(levels.max())
    return FloatDistribution(low, high, log=low > 0 and high > WIDE * low)


def _in_kind(level: Any, distribution: BaseDistribution) -> Any:
    """Returns a level of the table as the distribution holds it; None if it does not hold it."""
    value = plain(level)
    if isinstance(distribution, CategoricalDistribution):
        written = {describe(one): one for one in distribution.choices if isinstance(one, Level)}
        exact = {str(one): one for one in distribution.choices}
        return exact.get(str(value), written.get(describe(value)))
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high, step = distribution.low, distribution.high, distribution.step
    steps = (value - low) / step if step else 0.0
    fits = low <= value <= high and abs(steps - round(steps)) < _CLOSE
    return (int(value) if isinstance(distribution, IntDistribution) else float(value)) if fits else None
