"""The caption: how many cells, at which budget, which are left out, and what limits the conclusions."""

import numpy as np
import pytest

from analysis.drawing import caption
from tests.analysis.synthetic_tables import QUICK, table


def test_cells_points_seeds_and_budget_are_counted() -> None:
    text = caption.details(table(), note="Dots are cells.")
    assert text.startswith(
        "synthetic: 18 complete cells (6 points, 3 seeds each), 6 epochs on 4,000 training examples, "
        "measured on 2,000 validation examples. Dots are cells. No cell was left out."
    )


def test_cells_that_are_not_complete_are_counted_by_their_state() -> None:
    states = {("width=8", 0): "diverged", ("width=8", 1): "missing"}
    text = caption.details(table(states=states), note="")
    assert "16 complete cells (6 points, 1 to 3 seeds each)" in text
    assert "Left out: 1 diverged, 1 missing. A level that makes trials fail looks better than it is." in text
    # A cell that has not run yet says nothing about its level.
    missing = caption.details(table(states={("width=8", 0): "missing"}), note="")
    assert "Left out: 1 missing." in missing
    assert "looks better" not in missing


def test_limits_of_the_conclusions_are_said() -> None:
    cells = table().assign(revised="after 18 results: margin none → 0.1", test_openings=2)
    cells.loc[3:, "device"] = "gpu"
    text = caption.details(cells, note="")
    assert "Not all ran alike: device cpu, gpu." in text
    assert "Revised after 18 results: margin none → 0.1" in text
    assert "The test split was opened 2 times so far." in text


@pytest.mark.parametrize(
    ("points", "seeds", "phrase"),
    [(1, 1, "1 point, 1 seed each"), (2, 1, "2 points, 1 seed each"), (1, 3, "1 point, 3 seeds each")],
)
def test_one_is_singular(points: int, seeds: int, phrase: str) -> None:
    assert caption.points_phrase(table(QUICK[:points], seeds=seeds)) == phrase


def test_budgets_that_differ_are_a_range_and_unknown_ones_are_said() -> None:
    cells = table().assign(epochs=1)
    assert caption.budget_phrase(cells).startswith("1 epoch on 4,000 training examples")
    cells.loc[0, "train_examples"] = 10_000
    assert "on 4,000 to 10,000 training examples" in caption.budget_phrase(cells)
    cells["validation_examples"] = np.nan
    assert caption.budget_phrase(cells).endswith("measured on an unknown number of validation examples")


def test_a_single_seed_has_no_interval() -> None:
    assert caption.interval_sentence(table(), "Bars.") == "Bars."
    assert caption.interval_sentence(table(seeds=1), "Bars.") == "One seed a point, so no interval can be computed."
    some = caption.interval_sentence(table().drop(index=[0, 6]), "Bars.")
    assert some == "Bars. A point with one seed has no interval."


def test_equal_size_is_said_in_the_caption() -> None:
    cells = table().assign(matched="flops by filters of the first layer within 0.015")
    text = caption.caption(cells, marks="")
    assert "At equal flops (filters of the first layer chosen for each point, within 1.5 %)." in text
    assert "equal" not in caption.caption(table(), marks="")
