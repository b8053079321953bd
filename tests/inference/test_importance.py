"""Importance as Optuna's evaluators have it: the factor that matters comes first, from a table alone."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from study.errors import InferenceError
from study.inference.importance import Evaluator, evaluated_cells, importances
from tests.analysis.synthetic_tables import grid, sweep, table

EVALUATORS = get_args(Evaluator)


def known(direction: str = "maximize") -> pd.DataFrame:
    """A search in which the learning rate decides nearly everything."""
    cells = sweep()
    rate = np.log10(cells["level.learning_rate"])
    value = 0.5 + 0.1 * rate + 0.001 * cells["level.width"]
    return cells.assign(**{"metric.val_acc": value if direction == "maximize" else -value}, direction=direction)


@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_factor_that_decides_comes_first(evaluator: Evaluator, direction: str) -> None:
    shares = importances(known(direction), evaluator=evaluator)
    assert list(shares) == ["learning_rate", "width"]
    assert sum(shares.values()) == pytest.approx(1)


def test_direction_and_repetition_change_nothing() -> None:
    for evaluator in EVALUATORS:
        first = importances(known(), evaluator=evaluator)
        assert importances(known(), evaluator=evaluator) == first
    assert importances(known("minimize"), evaluator="PED-ANOVA") == importances(known(), evaluator="PED-ANOVA")


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_a_grid_of_names_and_flags_serves(evaluator: Evaluator) -> None:
    assert set(importances(grid(), evaluator=evaluator)) == {"conv_depth", "pooling", "coordinates"}


def test_a_search_is_judged_by_what_it_tried_itself() -> None:
    assert set(evaluated_cells(sweep())["phase"]) == {"search"}
    assert len(evaluated_cells(grid())) == len(grid())


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (table(), "varied together"),
        (sweep().head(9), "at least 10 complete cells, and there are 9"),
        (sweep().assign(**{"metric.val_acc": 0.1}), "the same value"),
    ],
)
def test_what_has_no_shares_is_refused(cells: pd.DataFrame, why: str) -> None:
    with pytest.raises(InferenceError, match=why):
        importances(cells, evaluator="PED-ANOVA")
