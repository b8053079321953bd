"""Importance as Optuna's evaluators have it: the factor that matters comes first, from a table alone."""

import json
from typing import get_args

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator

from study.errors import InferenceError
from study.inference.importance import Evaluator, Importance, evaluated_cells
from study.space.trial import label
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
    shares = Importance(known(direction)).shares(evaluator)
    assert list(shares) == ["learning_rate", "width"]
    assert sum(shares.values()) == pytest.approx(1)


def test_direction_and_repetition_change_nothing() -> None:
    for evaluator in EVALUATORS:
        first = Importance(known()).shares(evaluator)
        assert Importance(known()).shares(evaluator) == first
    assert Importance(known("minimize")).shares("PED-ANOVA") == Importance(known()).shares("PED-ANOVA")


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_a_grid_of_names_and_flags_serves(evaluator: Evaluator) -> None:
    assert set(Importance(grid()).shares(evaluator)) == {"conv_depth", "pooling", "coordinates"}


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
        Importance(cells).shares("PED-ANOVA")


def noise(seed: int) -> pd.DataFrame:
    """A search in which no factor matters."""
    cells = sweep()
    return cells.assign(**{"metric.val_acc": np.random.default_rng(seed).normal(0.5, 0.1, len(cells))})


def test_noise_leads_to_no_larger_share_than_shuffled_values_do() -> None:
    above = 0
    for seed in range(12):
        cells = noise(seed)
        largest = max(Importance(cells).shares("PED-ANOVA").values())
        above += largest > Importance(cells).share_by_chance()
    assert above <= 3  # One in twenty is expected. Four of twelve have a probability of 0.2 %.


def many(width: int) -> pd.DataFrame:
    """A search of a hundred points over a list of so many levels."""
    turns = range(100)
    levels = {"level.act": [f"act{turn % width}" for turn in turns], "level.rate": [turn % 7 / 10 for turn in turns]}
    values = {"metric.val_acc": np.random.default_rng(0).normal(0.5, 0.1, 100)}
    about = {"study": "s", "phase": "search", "state": "complete", "objective": "val_acc", "direction": "maximize"}
    points = [label({"act": act, "rate": rate}) for act, rate in zip(*levels.values(), strict=True)]
    return pd.DataFrame({**levels, **values, "point": points, "seed": 0}).assign(**about)


def test_a_factor_that_decides_is_beyond_chance() -> None:
    cells = many(4)
    cells["metric.val_acc"] += cells["level.rate"]
    shares = Importance(cells).shares("PED-ANOVA")
    assert shares["rate"] > Importance(cells).share_by_chance() > shares["act"]


def test_fanova_is_refused_where_it_would_take_minutes() -> None:
    """Its time grows as two to the power of a list's length, and as the square of the cells."""
    with pytest.raises(InferenceError, match="fANOVA is left out, because it would take minutes for 100 cells"):
        Importance(many(30)).shares("fANOVA")
    assert set(Importance(many(30)).shares("PED-ANOVA")) == {"act", "rate"}
    assert set(Importance(many(4)).shares("fANOVA")) == {"act", "rate"}


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_shares_are_optunas_own_on_the_same_space(evaluator: Evaluator) -> None:
    """Optuna suggests and evaluates by itself; the table holds only levels and values."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=5))

    def objective(trial: optuna.Trial) -> float:
        rate, width = trial.suggest_float("rate", 1e-4, 1e-1, log=True), trial.suggest_int("width", 8, 64)
        pooling = trial.suggest_categorical("pooling", ["max", "mean", "flat"])
        return float(np.log10(rate) + width / 50 + len(pooling))

    study.optimize(objective, n_trials=30)
    made = FanovaImportanceEvaluator(seed=0) if evaluator == "fANOVA" else PedAnovaImportanceEvaluator()
    expected = optuna.importance.get_param_importances(study, evaluator=made)
    rows = [{**{f"level.{k}": v for k, v in t.params.items()}, "metric.loss": t.value} for t in study.trials]
    labels = [label(trial.params) for trial in study.trials]
    about = {"study": "theirs", "phase": "search", "state": "complete", "objective": "loss", "direction": "minimize"}
    changed = [json.dumps(trial.params) for trial in study.trials]
    theirs = pd.DataFrame(rows).assign(**about, seed=0, point=labels, changes=changed)
    found = Importance(theirs, study.trials[0].distributions).shares(evaluator)
    assert found == pytest.approx(expected)
