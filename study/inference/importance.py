"""Which factors a study's results hang on, as Optuna's evaluators have it; neither of them tells an effect."""

from typing import TYPE_CHECKING, Literal

import pandas as pd

from study.errors import InferenceError
from study.inference import cell_table
from study.inference.columns import level_column

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

Evaluator = Literal["fANOVA", "PED-ANOVA"]
FEWEST = 10
"""Cells without which the best tenth would be none."""
WIDE = 30
"""A range that spans more than this ratio counts as logarithmic."""


def evaluated_cells(table: pd.DataFrame) -> pd.DataFrame:
    """The cells to judge by, complete or not: of a search what it tried itself, else all.

    What confirms a search stands at its best points alone, as if nothing else had been worth a try.
    """
    return table[table["phase"] == "search"] if _is_search(table) else table


def importances(table: pd.DataFrame, *, evaluator: Evaluator) -> dict[str, float]:
    """Each varied factor's share of 1, the largest first.

    Raises InferenceError where the points were not varied together, are too few, or all came to the same.
    """
    from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

    study = _study(table)
    try:
        made = FanovaImportanceEvaluator(seed=0) if evaluator == "fANOVA" else PedAnovaImportanceEvaluator()
        return get_param_importances(study, evaluator=made)
    except ImportError:
        raise InferenceError(f"{evaluator} needs scikit-learn, which is not here: pip install scikit-learn") from None


def _is_search(table: pd.DataFrame) -> bool:
    return "phase" in table and bool((table["phase"] == "search").any())


def _study(table: pd.DataFrame) -> "optuna.Study":
    """The table's cells as trials in memory, so that an exported file serves as well as a store."""
    import optuna
    from optuna.trial import create_trial

    cells = cell_table.complete(evaluated_cells(table))
    told = _distributions(table, cells)
    study = optuna.create_study(direction="maximize" if (cells["direction"] == "maximize").all() else "minimize")
    values = cells[cell_table.objective(cells)].astype(float)
    for value, row in zip(values, cells.to_dict("records"), strict=True):
        levels = {name: row[level_column(name)] for name in told}
        here = {name: _level(level, told[name]) for name, level in levels.items() if pd.notna(level)}
        study.add_trial(create_trial(value=value, params=here, distributions={name: told[name] for name in here}))
    return study


def _distributions(table: pd.DataFrame, cells: pd.DataFrame) -> "dict[str, BaseDistribution]":
    """What Optuna is told about each factor that takes several levels in these cells."""
    together = _is_search(table) or cell_table.crossed_pairs(cell_table.complete(table))
    factors = [name for name in cell_table.varied(cells) if cells[level_column(name)].nunique() > 1]
    if not together or len(factors) < 2:
        raise InferenceError('importance needs factors varied together: `kind = "sweep"` or "grid" in [design]')
    if len(cells) < FEWEST:
        raise InferenceError(f"importance needs at least {FEWEST} complete cells, and there are {len(cells)}")
    if cells[cell_table.objective(cells)].nunique() < 2:
        raise InferenceError("every cell came to the same value: no factor has a share in that")
    return {name: _distribution(cells[level_column(name)].dropna()) for name in factors}


def _distribution(levels: "pd.Series") -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    distinct = levels.unique()
    numeric = pd.api.types.is_numeric_dtype(levels) and not pd.api.types.is_bool_dtype(levels)
    # Levels that recur are those of a list, and Optuna is told of a list when it searches one.
    if not numeric or 2 * len(distinct) <= len(levels):
        return CategoricalDistribution(sorted(map(str, distinct)))
    low, high = float(levels.min()), float(levels.max())
    return FloatDistribution(low, high, log=low > 0 and high > WIDE * low)


def _level(level: object, told: "BaseDistribution") -> object:
    return str(level) if hasattr(told, "choices") else float(str(level))
