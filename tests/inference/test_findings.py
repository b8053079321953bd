"""What is said beside a table: of each kind of study its own, and only what is known."""

from pathlib import Path

import pandas as pd
import pytest

from study import cli
from study.inference.findings import conditions, findings
from study.inference.nuisance import at_best_nuisance
from tests.analysis.synthetic_tables import csv, grid, sweep, table


def said(cells: pd.DataFrame, names: str = "") -> pd.DataFrame:
    return cells.assign(nuisance=names, fixed="optimizer=adam", vary="weights order")


def test_an_ablation_tells_its_curves_and_what_is_fixed() -> None:
    first, second, third = findings(said(table()))
    assert "Linear trend over the ranks of conv_depth: " in first
    assert "fixed, not tuned for each point: optimizer adam, 6 epochs" in second
    assert third.startswith("Seeds differ in weights, order.")


def test_a_grid_tells_its_effects_in_place_of_curves() -> None:
    first, *_ = findings(said(grid()))
    assert first.startswith("Over all other levels, 4 of 9 effects are shown (Holm, 5 %), no interaction among them")


def test_a_grid_with_a_nuisance_factor_tells_those_of_the_others() -> None:
    first, second, _ = findings(at_best_nuisance(said(grid(), "conv_depth")))
    assert " of 3 effects are shown" in first
    assert "Scientific: pooling, coordinates; nuisance: conv_depth, at its best level" in second


def test_several_curves_are_said_to_be_tested_alone() -> None:
    points = [{}, *({"conv_depth": depth} for depth in (2, 7)), *({"width": width} for width in (8, 32))]
    first, second, third, *_ = findings(said(table(points)))
    assert "Linear trend over the ranks of conv_depth" in first
    assert "Linear trend over the ranks of width" in second
    assert third == "Each of these 2 trends is tested alone: no p allows for the others."


def test_a_search_has_neither_curve_nor_grid() -> None:
    assert len(list(findings(said(sweep(), "learning_rate")))) == 2


def test_a_mixture_is_loud() -> None:
    cells = said(table())
    cells.loc[cells["point"] == "width=8", "backend"] = "jax"
    assert list(conditions(cells))[1].startswith("Not all ran alike: backend tensorflow, jax. Confounded: width=8")


def test_what_was_revised_when_results_were_there_is_said() -> None:
    cells = said(table()).assign(revised="after 18 results: seeds 0 1 2 → 0 1 2 3 4")
    assert list(conditions(cells))[-1].startswith("Revised after 18 results: seeds 0 1 2 → 0 1 2 3 4: no p and no")
    assert len(list(conditions(cells.assign(revised="")))) == 1


def test_openings_of_the_test_split_are_said() -> None:
    assert list(findings(said(table()).assign(test_openings=1)))[-1] == "The test split was opened once so far."


@pytest.mark.parametrize("make", [table, grid, sweep])
def test_an_older_export_is_no_reason_to_fail(make: "type[object]") -> None:
    cells: pd.DataFrame = make()  # type: ignore[assignment]
    old = cells.filter(regex=r"^(?!baseline|task|backend|device|threads|parameters|flops|seconds)")
    assert all(findings(old))
    assert all(findings(old[old["seed"] == old["seed"].iloc[0]]))


def test_study_effects_prints_them_below_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(said(table()), tmp_path / "t.csv")
    assert cli.main(["effects", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == list(findings(said(table())))


def test_study_effects_of_a_grid_are_at_the_best_of_nuisance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = said(grid(), "conv_depth")
    cells.loc[cells["point"] == "conv_depth=4 coordinates=true", "state"] = "failed"
    assert cli.main(["effects", str(csv(cells, tmp_path / "g.csv"))]) == 0
    out = " ".join(capsys.readouterr().out.split())
    # At depth 4 no cell with coordinates is complete, so they are best at depth 2.
    assert "coordinates=true false → true, conv_depth 2" in out
    assert "pooling=flatten × coordinates=true 1 of 1" in out
    assert "nuisance: conv_depth, at its best level for each point" in out


def test_a_confounded_variant_gets_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = said(table())
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    assert cli.main(["effects", str(csv(cells, tmp_path / "t.csv"))]) == 0
    out = capsys.readouterr().out
    (row,) = [line for line in out.splitlines() if line.startswith("width=8")]
    assert " confounded " in row
    assert "Not all ran alike: device cpu, gpu. Confounded: width=8" in out
