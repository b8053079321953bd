"""`study effects`."""

import re
from pathlib import Path

import pandas as pd
import pytest

from study.running.detectable_effect import detectable_effect
from study.space.toml_file import read
from tests.conftest import ROOT, SMOKE, export_smoke, study


@pytest.mark.slow
def test_effects_are_the_same_for_a_study_its_file_and_its_export(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    by_name, by_file = (study("effects", name, "--store", store) for name in ("smoke", SMOKE))
    by_table = [study("effects", str(export_smoke(smoke[0], f"effects.{end}"))) for end in ("csv", "parquet")]
    assert {by_name, by_file, *by_table} == {by_name}
    assert re.search(r"^baseline +\d\.\d{3} +2\b", by_name, flags=re.MULTILINE)
    assert re.search(r"^pooling=global_average +global_max → global_average +0\.\d{3}", by_name, flags=re.MULTILINE)
    assert "Welch's t, because variances may differ; 95 % intervals of each alone, and of all 3 at once" in by_name
    assert "p adjusted for 3 variants by step-down" in by_name


def test_effects_of_a_file_that_asks_for_other_results_are_refused(smoke: tuple[Path, str], tmp_path: Path) -> None:
    other = tmp_path / "smoke.toml"
    other.write_text((ROOT / SMOKE).read_text().replace('"maximize"', '"minimize"'))
    for command in ("effects", "status"):
        refused = study(command, str(other), "--store", str(smoke[0]), status=2)
        assert "objective.direction: maximize -> minimize" in refused
    assert "standard deviations of a point's seeds" in detectable_effect(read(other), smoke[0])
    other.write_text((ROOT / SMOKE).read_text() + "\n")
    other.write_text("margin = 0.5\n" + other.read_text())
    assert "Revised after 8 results: margin none → 0.5" in study("effects", str(other), "--store", str(smoke[0]))


def test_effects_name_the_cells_that_are_left_out_and_the_bias_of_the_means(smoke: tuple[Path, str]) -> None:
    cells = pd.read_csv(export_smoke(smoke[0], "left.csv"))
    cells.loc[0, "state"] = "failed"
    cells.loc[cells["point"] == "width=2", "state"] = "diverged"
    cells.assign(paired=True, margin=0.5).to_csv(smoke[0] / "left.csv", index=False)
    out = study("effects", str(smoke[0] / "left.csv"))
    assert "no test: 1 seed" in out
    assert "nothing is tested" in out
    assert "because none of their cells is complete: width=2\n" in out
    assert "fewer pairs than seeds: conv_depth=1 1; pooling=global_average 1\n" in out
    assert "in no mean: 2 diverged, 1 failed" in out
    assert "flatter a point at which many cells do not" in out
    assert "within ±0.5 by two one-sided tests" in out
    cells.assign(state="failed").to_csv(smoke[0] / "left.csv", index=False)
    assert "no cell of the baseline is complete" in study("effects", str(smoke[0] / "left.csv"), status=2)
    cells.drop(columns="objective").to_csv(smoke[0] / "left.csv", index=False)
    assert "no column objective" in study("effects", str(smoke[0] / "left.csv"), status=2)
