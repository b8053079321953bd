"""What is said beside a table: of each kind of study its own, and only what is known."""

import pandas as pd
import pytest

from study.findings import conditions, findings
from study.nuisance import tuned
from tests.analysis.synthetic import grid, sweep, table


def said(cells: pd.DataFrame, names: str = "") -> pd.DataFrame:
    return cells.assign(nuisance=names, fixed="optimizer=adam", vary="weights order")


def test_an_ablation_tells_its_curves_and_what_is_fixed() -> None:
    first, second, third = findings(said(table()))
    assert first.startswith("Linear trend over the ranks of conv_depth: ")
    assert "fixed, not tuned for each point: optimizer adam, 6 epochs" in second
    assert third.startswith("Seeds differ in weights, order.")


def test_a_grid_tells_its_effects_in_place_of_curves() -> None:
    first, *_ = findings(said(grid()))
    assert first.startswith("Over all other levels, 4 of 9 effects are shown (Holm, 5 %), no interaction among them")


def test_a_grid_with_a_nuisance_factor_tells_those_of_the_others() -> None:
    first, second, _ = findings(tuned(said(grid(), "conv_depth")))
    assert " of 3 effects are shown" in first
    assert "Scientific: pooling, coordinates; nuisance: conv_depth, at its best level" in second


def test_a_search_has_neither_curve_nor_grid() -> None:
    assert len(list(findings(said(sweep(), "learning_rate")))) == 2


def test_a_mixture_is_loud() -> None:
    cells = said(table())
    cells.loc[cells["point"] == "width=8", "backend"] = "jax"
    assert list(conditions(cells))[1].startswith("Not all ran alike: backend tensorflow, jax. Confounded: width=8")


@pytest.mark.parametrize("make", [table, grid, sweep])
def test_an_older_export_is_no_reason_to_fail(make: "type[object]") -> None:
    cells: pd.DataFrame = make()  # type: ignore[assignment]
    old = cells.filter(regex=r"^(?!baseline|task|backend|device|threads|parameters|flops|seconds)")
    assert all(findings(old))
    assert all(findings(old[old["seed"] == old["seed"].iloc[0]]))
