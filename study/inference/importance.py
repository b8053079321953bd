"""On which factors a study's results depend most, by two of Optuna's evaluators. A share of importance is no effect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
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
MOST_CELLS = 2_000
"""The most cells from which importance is computed. Of more, so many are drawn at random."""
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
    return table[table["phase"] == "search"] if "search" in cell_table.search_phases(table) else table


@dataclass(frozen=True)
class Importance:
    """The importance of each varied factor of a study.

    `declared` are the distributions of the study's factors, as Optuna's journal holds them. Without them, or if cells
    have levels outside of them because the study's file was changed, they are guessed from the cells.
    """

    table: pd.DataFrame
    declared: Mapping[str, BaseDistribution] = field(default_factory=dict)

    def shares(self, evaluator: Evaluator) -> dict[str, float]:
        """Returns each varied factor's share of 1, the largest first.

        Raises InferenceError if factors were not varied together, cells are too few, all have the same value, or fANOVA
        would take minutes.
        """
        if evaluator == "PED-ANOVA":
            return get_param_importances(self._study, evaluator=PedAnovaImportanceEvaluator())
        self._check_steps()
        try:
            return get_param_importances(self._study, evaluator=FanovaImportanceEvaluator(seed=0))
        except ImportError:
            raise InferenceError("fANOVA needs scikit-learn, which is not here: pip install scikit-learn") from None

    def share_by_chance(self) -> float:
        """Returns how large a share by PED-ANOVA a factor without any influence may get: values are shuffled.

        It is the largest importance of any factor in `SHUFFLES` shuffles, divided by the sum of the true importances,
        so that it can be above 1. fANOVA takes too long for this.
        """
        total = sum(_raw(self._study).values())
        largest = max(max(_raw(study).values()) for study in _shuffles(self._study))
        return largest / total if total > 0 else 1.0

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells from which importance is computed."""
        whole = cell_table.complete(evaluated_cells(self.table))
        return whole if len(whole) <= MOST_CELLS else whole.sample(MOST_CELLS, random_state=0).sort_index()

    @cached_property
    def _distributions(self) -> dict[str, BaseDistribution]:
        return _distributions(self.table, self.cells, self.declared)

    @cached_property
    def _study(self) -> optuna.Study:
        """The table's cells as an Optuna study in memory, so that an exported file works like a store."""
        study = optuna.create_study(direction=cell_table.direction(self.cells))
        kinds, values = self._distributions, self.cells[cell_table.objective(self.cells)].astype(float)
        for value, row in zip(values, self.cells.to_dict("records"), strict=True):
            levels = {name: row[level_column(name)] for name in kinds}
            params = {name: _in_kind(level, kinds[name]) for name, level in levels.items() if pd.notna(level)}
            own = {name: kinds[name] for name in params}
            study.add_trial(create_trial(value=value, params=params, distributions=own))
        return study

    def _check_steps(self) -> None:
        """Refuse a study for which fANOVA would take minutes.

        For each factor, a tree is walked once for each of its levels, or for each subset of the choices of a list.
        """
        cells, kinds = len(self.cells), self._distributions.values()
        walks = (2 ** len(kind.choices) if isinstance(kind, CategoricalDistribution) else cells for kind in kinds)
        if sum(walks) * cells > _FANOVA_STEPS:
            raise InferenceError(f"fANOVA is left out, because it would take minutes for {cells:,} cells")


def _raw(study: optuna.Study) -> dict[str, float]:
    """Returns the importances by PED-ANOVA before they are divided by their sum."""
    return PedAnovaImportanceEvaluator().evaluate(study)


def _shuffles(study: optuna.Study) -> Iterator[optuna.Study]:
    """Yields a copy of the study `SHUFFLES` times, each time with the value of another trial at each of its trials."""
    copy, random = optuna.create_study(direction=study.direction), np.random.default_rng(0)
    copy.add_trials(study.get_trials(deepcopy=False))
    # The trials of the one copy change, because copies of thousands of trials take seconds.
    trials = copy.get_trials(deepcopy=False)
    values = [trial.value for trial in trials]
    for _ in range(SHUFFLES):
        for trial, turn in zip(trials, random.permutation(len(trials)), strict=True):
            trial.value = values[int(turn)]
        yield copy


def _distributions(
    table: pd.DataFrame, cells: pd.DataFrame, declared: Mapping[str, BaseDistribution]
) -> dict[str, BaseDistribution]:
    """Returns Optuna's distribution of each factor that has several levels in these cells."""
    together = "search" in cell_table.search_phases(table) or cell_table.crossed_pairs(cell_table.complete(table))
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
