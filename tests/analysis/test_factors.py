"""A factor's plot: every cell a dot, the interval as computed, and only cells that compare."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

from analysis import depth, factors
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import intervals
from study.inference.dose import dose
from tests.analysis.synthetic_tables import axes, bars, csv, dots, grid, sweep, table


def mean_colours(ax: Axes) -> list[str]:
    return [to_hex(c.lines[0].get_color()) for c in ax.containers if isinstance(c, ErrorbarContainer)]


def test_every_cell_is_a_dot_at_its_level_and_value() -> None:
    cells = table()
    drawn = dots(factors.draw(cells, factor="conv_depth", ax=axes()))
    alone = cells[cells["point"].isin(["baseline", "conv_depth=2", "conv_depth=7"])]
    expected = [*zip(alone["level.conv_depth"].astype(float), alone["metric.val_acc"], strict=True)]
    assert sorted(drawn) == [pytest.approx(place) for place in sorted(expected)]


def test_bars_end_where_students_t_says() -> None:
    cells = table()
    drawn = bars(depth.draw(cells, ax=axes()))
    for level, (x, low, _, high) in zip((2, 4, 7), drawn, strict=True):
        values = cells.loc[(cells["level.conv_depth"] == level) & (cells["level.width"] == 16), "metric.val_acc"]
        values = values[cells["level.pooling"] == "global_max"]
        assert (x, low, high) == pytest.approx((level, *intervals.mean_interval(values)[1:]))


def test_a_grid_is_drawn_at_the_baseline_of_the_other_factors() -> None:
    cells = grid()
    drawn = dots(depth.draw(cells, ax=axes()))
    rest = (cells["level.pooling"] == "global_max") & ~cells["level.coordinates"].astype(bool)
    assert sorted(y for _, y in drawn) == pytest.approx(sorted(cells.loc[rest, "metric.val_acc"]))


def test_a_search_shows_every_cell_and_compares_nothing() -> None:
    cells = sweep()
    ax = factors.draw(cells, factor="learning_rate", ax=axes())
    assert len(dots(ax)) == len(cells)
    assert bars(ax) == []
    assert ax.get_xscale() == "log"
    assert "no interval" in factors.note(cells, factors=["learning_rate"])


def test_names_stand_in_turn_with_the_baseline_first_and_in_ink() -> None:
    ax = factors.draw(table(), factor="pooling", ax=axes())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["global max", "global\naverage", "flatten"]
    assert mean_colours(ax)[0] == style().ink
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pooling", "validation accuracy\n(share of digits)")


def test_a_level_has_the_same_colour_in_the_plot_of_a_part_of_its_cells() -> None:
    whole = depth.draw(table(), ax=axes())
    part = depth.draw(table(states={("conv_depth=2", seed): "missing" for seed in range(3)}), ax=axes())
    assert mean_colours(part) == mean_colours(whole)[1:]


def test_limits_hold_every_dot_and_bar() -> None:
    ax = depth.draw(table(), ax=axes())
    low, high = ax.get_ylim()
    values = np.array([y for x, *ys in bars(ax) for y in (ys[0], ys[2])] + [y for _, y in dots(ax)])
    assert low < values.min() < values.max() < high


def test_one_seed_a_point_is_drawn_and_said(tmp_path: Path) -> None:
    source = Source(str(csv(table(seeds=1), tmp_path / "one.csv")), tmp_path)
    made = factors.compose(source)
    assert len(made.figure.axes) == 3
    assert "no interval can be computed" in made.details


def test_the_caption_says_what_was_averaged_and_what_was_not(tmp_path: Path) -> None:
    states = {("conv_depth=7", 0): "diverged", ("conv_depth=7", 1): "missing", ("width=8", 0): "failed"}
    source = Source(str(csv(table(states=states), tmp_path / "t.csv")), tmp_path)
    made = depth.compose(source)
    caption = made.details
    assert made.study == "synthetic"
    assert "7 complete cells (3 points, 1 to 3 seeds each)" in caption
    assert "6 epochs on 4,000 training examples, measured on 2,000 validation examples" in caption
    assert "95 % Student's t intervals. A point with one seed has no interval." in caption
    # The failed cell is of another factor: this figure has nothing to do with it.
    assert "Left out: 1 diverged, 1 missing. A level that makes trials fail looks better" in caption
    assert made.title == "How does validation accuracy depend on the number of convolutions?"


def test_a_mixture_of_devices_is_said(tmp_path: Path) -> None:
    cells = table()
    cells.loc[3:, "device"] = "gpu"
    made = factors.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    assert "Not all ran alike: device cpu, gpu." in made.details


def test_the_caption_tells_the_trend_and_what_is_fixed(tmp_path: Path) -> None:
    cells = table(seeds=5).assign(fixed="optimizer=adam learning_rate=0.003", nuisance="width", margin=0.5)
    made = depth.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    caption = made.details
    trend = dose(cells, "conv_depth").trend
    assert f"Linear trend over the ranks of trunk depth: {trend.value:+.3g} a level" in caption
    assert "More trunk depth stops paying at 2: no higher level gains the margin of 0.5" in caption
    assert "nuisance: width, at the baseline's level, 16" in caption
    assert "fixed, not tuned for each point: optimizer adam, learning_rate 0.003; conclusions hold there." in caption


def test_a_factor_without_two_levels_is_refused(tmp_path: Path) -> None:
    source = Source(str(csv(table(), tmp_path / "t.csv")), tmp_path)
    with pytest.raises(FigureError, match=r"'kernel_size' .*conv_depth, width, pooling"):
        factors.compose(source, factor="kernel_size")
    states = {(point, seed): "failed" for point in ("conv_depth=2", "conv_depth=7") for seed in range(3)}
    lacking = Source(str(csv(table(states=states), tmp_path / "u.csv")), tmp_path)
    with pytest.raises(FigureError, match="conv_depth has no two levels"):
        depth.compose(lacking)
    with pytest.raises(FigureError, match="no factor has two levels"):
        factors.compose(Source(str(csv(table([{}]), tmp_path / "v.csv")), tmp_path))
