"""Measures of claims: what each yields, when it yields nothing, and which verdict it gives."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import article, claim_measures
from analysis.claim_measures import Measurement
from study.inference import intervals
from study.inference.effects import compute_effects
from study.tasks.qr_digits import codes
from tests.analysis.synthetic_tables import grid, sweep, table


def measured(measure: claim_measures.Measure, cells: pd.DataFrame) -> list[Measurement]:
    return list(measure(cells))


def values(cells: pd.DataFrame, point: str) -> "pd.Series[float]":
    return cells.loc[cells["point"] == point, "metric.val_acc"]


def test_a_value_is_measured_at_its_levels_only() -> None:
    cells = table()
    (one,) = measured(claim_measures.objective_at(conv_depth="7"), cells)
    mean, low, high = intervals.mean_interval(values(cells, "conv_depth=7"))
    assert one == Measurement(f"conv_depth=7: val_acc {mean:.3f} ({low:.3f} to {high:.3f}), n = 3", "")
    assert measured(claim_measures.objective_at(conv_depth="9"), cells) == []


@pytest.mark.parametrize(
    ("aim", "verdict"), [(0.1, "looks confirmed"), (0.9, "looks contradicted"), (0.34, "undecided"), (None, "")]
)
def test_a_value_reaches_its_aim_if_the_whole_interval_does(aim: float | None, verdict: str) -> None:
    measure = claim_measures.objective_at(reaches=aim, conv_depth="7")
    (one,) = measured(measure, table().assign(epochs=30, train_examples=30_000, baseline="conv_depth=4"))
    assert one.verdict == verdict
    if one.p is not None:
        assert (one.p < 0.05) == (verdict != "undecided")


@pytest.mark.parametrize(
    "budget",
    [{"epochs": 29}, {"train_examples": 29_999}, {"baseline": "conv_depth=4 width=128"}, {"train_examples": np.nan}],
    ids=str,
)
@pytest.mark.parametrize("aim", [0.9, 0.34])
def test_a_value_below_the_budget_of_a_claim_does_not_test_it(budget: dict[str, Any], aim: float) -> None:
    whole = {"epochs": 30, "train_examples": 30_000, "baseline": "conv_depth=4"}
    cells = table().assign(**{**whole, **budget})
    (one,) = measured(claim_measures.objective_at(reaches=aim, conv_depth="7"), cells)
    assert (one.verdict, one.p) == ("not tested at this fidelity", None)
    (reached,) = measured(claim_measures.objective_at(reaches=0.1, conv_depth="7"), cells)
    assert reached.verdict == "looks confirmed"


def test_that_some_network_is_enough_is_not_contradicted_by_one() -> None:
    cells = table().assign(epochs=30, train_examples=30_000, baseline="conv_depth=4")
    (one,) = measured(claim_measures.objective_at(reaches=0.9, exists=True, conv_depth="7"), cells)
    assert one.verdict == "undecided"
    cells.loc[cells["point"] == "pooling=flatten", "metric.val_acc"] -= 0.5
    measure = claim_measures.level_difference("pooling", "global_max", to=["flatten"], exists=True)
    assert [each.verdict for each in measured(measure, cells)] == ["undecided"]


def test_an_aim_of_the_articles_metric_says_nothing_of_another() -> None:
    (one,) = measured(claim_measures.objective_at(reaches=0.1, conv_depth="7"), table().assign(objective="val_loss"))
    assert one.verdict == ""


def test_levels_are_compared_with_one_or_with_every_other() -> None:
    cells = table()
    named = measured(claim_measures.level_difference("conv_depth", "2", to=["7"]), cells)
    every = measured(claim_measures.level_difference("conv_depth", "2"), cells)
    assert [one.text.partition(":")[0] for one in named] == ["conv_depth 7 instead of 2"]
    assert [one.text.partition(":")[0] for one in every] == [f"conv_depth {level} instead of 2" for level in (4, 7)]
    assert set(named) < set(every)


def test_better_means_less_where_the_study_minimizes() -> None:
    cells = table()
    cells.loc[cells["point"] == "pooling=flatten", "metric.val_acc"] += 0.5
    measure = claim_measures.level_difference("pooling", "global_max", to=["flatten"])
    verdicts = [measured(measure, cells.assign(direction=way))[0].verdict for way in ("maximize", "minimize")]
    assert verdicts == ["looks confirmed", "looks contradicted"]


def test_a_difference_at_each_level_of_another_factor_has_no_verdict() -> None:
    measure = claim_measures.difference_at_each("conv_depth", factor="coordinates", level="true", against="false")
    each = measured(measure, grid())
    assert [one.text.partition(",")[0] for one in each] == [f"at conv_depth={depth}" for depth in (2, 4, 7)]
    assert {one.verdict for one in each} == {""}


def test_a_replacement_may_lose_the_margin() -> None:
    cells = table()
    cells.loc[cells["point"] == "pooling=flatten", "metric.val_acc"] = values(cells, "baseline").to_numpy() - 0.05
    measure = claim_measures.replacement({"pooling": "flatten"}, of={"pooling": "global_max"})
    verdicts = [measured(measure, cells.assign(margin=margin))[0].verdict for margin in (None, 0.05, 0.5)]
    assert verdicts == ["looks contradicted", "undecided", "looks confirmed"]


def test_what_ran_on_another_device_is_confounded() -> None:
    cells = table()
    cells.loc[cells["point"] == "pooling=flatten", "device"] = "gpu"
    measure = claim_measures.level_difference("pooling", "global_max", to=["flatten"])
    assert [one.verdict for one in measured(measure, cells)] == ["confounded"]


def test_the_best_is_one_that_the_search_confirmed() -> None:
    cells = sweep()
    confirmed = cells[cells["phase"] == "confirm"]
    best = confirmed.groupby("point")["metric.val_acc"].mean().idxmax()
    anything = claim_measures.best_confirmed(reaches=0.1)
    (one,) = measured(anything, cells)
    mean = confirmed.loc[confirmed["point"] == best, "metric.val_acc"].mean()
    assert one.text.startswith(f"best confirmed, {best}: val_acc {mean:.3f} (")
    assert measured(anything, cells[cells["phase"] == "search"]) == []
    assert measured(claim_measures.best_confirmed(reaches=0.1, trunk="dense"), cells) == []
    assert measured(anything, table()) == []


@pytest.mark.parametrize(("aim", "verdict"), [(0.1, "looks confirmed"), (0.9, "not tested at this fidelity")])
def test_the_best_may_be_measured_by_an_aim(aim: float, verdict: str) -> None:
    assert [one.verdict for one in measured(claim_measures.best_confirmed(reaches=aim), sweep())] == [verdict]


@pytest.mark.parametrize("baseline", ["baseline", "precision=mixed_bfloat16"])
def test_the_best_change_of_the_articles_own_settings_counts_where_nothing_searched(baseline: str) -> None:
    cells = table()
    cells.loc[cells["point"] == "pooling=flatten", "metric.val_acc"] += 0.5
    (one,) = measured(claim_measures.best_of_own_settings, cells.assign(baseline=baseline))
    assert one.text.startswith("best, pooling=flatten: val_acc 0.89")
    assert one.verdict == "looks confirmed"
    effect = next(effect for effect in compute_effects(cells) if effect.point == "pooling=flatten")
    assert one.p == effect.adjusted  # The best of five.
    assert measured(claim_measures.best_of_own_settings, cells.assign(baseline="width=16")) == []
    assert measured(claim_measures.best_of_own_settings, cells.assign(baseline=baseline, phase="search")) == []


@pytest.mark.parametrize(
    ("share", "damage", "verdict"), [(1.0, 0, "confirmed"), (0.99, 0, "contradicted"), (0.99, 0.1, "")]
)
def test_the_reader_is_judged_by_undamaged_codes(
    share: float, damage: float, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "ceiling", lambda settings, count: (share, share**6))
    (one,) = measured(claim_measures.rule_based_reader, table().assign(baseline=f"conv_depth=4 damage={damage:g}"))
    assert one == Measurement(f"the reader: val_acc {share:.3f} of {article.COUNT} codes", verdict)  # type: ignore[arg-type]
    assert measured(claim_measures.rule_based_reader, table().assign(objective="val_loss")) == []


def test_measures_are_made_one_after_the_other() -> None:
    parts = [claim_measures.objective_at(conv_depth=depth) for depth in ("2", "9", "7")]
    texts = [one.text for one in measured(claim_measures.all_of(*parts), table())]
    assert [text.partition(":")[0] for text in texts] == ["conv_depth=2", "conv_depth=7"]


def test_minus_signs_are_typographic_and_single_seeds_have_no_interval() -> None:
    cells = table(seeds=1)
    cells.loc[cells["point"] == "conv_depth=7", "metric.val_acc"] = -0.25
    (one,) = measured(claim_measures.objective_at(conv_depth="7"), cells)
    assert one.text == "conv_depth=7: val_acc −0.250, n = 1"
    (two,) = measured(claim_measures.level_difference("conv_depth", "2", to=["7"]), cells)
    assert np.isfinite(float(two.text.split(": ")[1].split(",")[0].replace("−", "-")))
    assert two.verdict == "too few seeds"
