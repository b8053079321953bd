"""Which digit is read worst: every seed, mean and interval at each position."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import positions
from analysis.drawing.source import Source
from study.errors import InferenceError
from study.inference import cell_table, intervals
from tests.analysis.synthetic_tables import axes, bars, csv, dots, grid, sweep, table


def test_every_cell_has_a_value_at_each_position() -> None:
    cells = table(states={("width=8", 0): "failed"})
    digits = cell_table.digit_shares(cells)
    assert len(digits) == 6 * 17
    one = digits[(digits["key"] == "baseline/1") & (digits["position"] == 3)]["value"].item()
    assert one == cells.set_index("key").loc["baseline/1", "metric.val_digit_3_acc"]
    means = intervals.digit_means(digits).set_index(["point", "position"])
    values = cells.loc[cells["point"] == "conv_depth=2", "metric.val_digit_1_acc"]
    assert tuple(means.loc[("conv_depth=2", 1), ["mean", "low", "high"]]) == intervals.mean_interval(values)


def test_dots_and_intervals_stand_around_their_position() -> None:
    cells = table()
    ax = positions.draw(cells, factor="conv_depth", ax=axes())
    drawn = dots(ax)
    assert len(drawn) == 3 * 3 * 6
    assert {round(x) for x, _ in drawn} == set(range(1, 7))
    assert max(abs(x - round(x)) for x, _ in drawn) == pytest.approx(positions.SPREAD / 2)
    assert len(bars(ax)) == 3 * 6
    assert ax.get_legend_handles_labels()[1] == ["baseline", "2", "7"]


@pytest.mark.parametrize(("cells", "panels", "count"), [(grid(), 3, 15), (sweep(), 1, 9)], ids=["grid", "sweep"])
def test_a_panel_a_factor_else_one_for_what_a_search_confirmed(
    cells: pd.DataFrame, panels: int, count: int, tmp_path: Path
) -> None:
    made = positions.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    assert len(made.figure.axes) == panels
    assert f"{count} complete cells" in made.details
    shares = [cells.loc[cells["phase"] != "search", f"metric.val_digit_{place}_acc"].mean() for place in (3, 1)]
    assert made.answer.startswith("Digit 3 is read worst, 0.")
    assert "; digit 1 best, 0." in made.answer
    assert panels == 3 or made.answer == (
        f"Digit 3 is read worst, {shares[0]:.3f}; digit 1 best, {shares[1]:.3f}: means of all cells."
    )


def test_a_task_that_does_not_count_digits_has_none() -> None:
    cells = table()
    with pytest.raises(InferenceError, match="does not count each digit"):
        cell_table.digit_shares(cells[[name for name in cells if "digit" not in str(name)]])
    assert np.isfinite(cell_table.digit_shares(cells)["value"]).all()
