"""Differences of cells from the baseline's mean."""

import pytest

from study.errors import InferenceError
from study.inference.differences import seed_differences
from study.inference.effects import compute_effects
from tests.analysis.synthetic_tables import table


def test_each_complete_cell_has_its_difference() -> None:
    cells = table(states={("width=8", 0): "failed"})
    differences = seed_differences(cells)
    assert len(differences) == len(cells) - 1
    assert differences.loc[differences["point"] == "baseline", "difference"].sum() == pytest.approx(0)
    assert list(differences.columns) == ["point", "seed", "difference"]


def test_their_mean_is_the_effect() -> None:
    means = seed_differences(table()).groupby("point")["difference"].mean()
    for effect in compute_effects(table()):
        assert means[effect.point] == pytest.approx(effect.difference)


def test_without_a_baseline_there_is_nothing_to_compare_with() -> None:
    cells = table()
    with pytest.raises(InferenceError, match="no cell of the baseline is complete"):
        seed_differences(cells[cells["point"] != "baseline"])
