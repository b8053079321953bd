"""The heatmap: a field for each pair of levels, with its mean and n; refused where there is no grid."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis import heatmap
from analysis.drawing.source import FigureError, Source
from study.inference import cell_table, intervals
from study.inference.factorial import grid_sentence, terms
from tests.analysis.synthetic_tables import axes, csv, grid, sweep, table


def test_each_field_holds_its_mean_half_width_and_n() -> None:
    cells = grid()
    cells.loc[cells["key"] == "conv_depth=2/0", "state"] = "diverged"
    ax = heatmap.draw(cells, factors=("conv_depth", "pooling"), ax=axes())
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert len(texts) == 6
    counted = cell_table.complete(cells)
    values = counted.loc[counted["point"] == "conv_depth=2", "metric.val_acc"]
    mean, _, high = intervals.mean_interval(values)
    assert texts[(0.5, 0.5)] == f"{mean:.3f}\n± {high - mean:.3f}\nn = 2"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "4", "7"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["global max", "flatten"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("trunk depth", "pooling")


def test_the_baseline_is_framed() -> None:
    ax = heatmap.draw(grid(), factors=("conv_depth", "coordinates"), ax=axes())
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert frame.get_xy() == (2, 0)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["off", "on"]


def test_panels_share_one_scale_of_colours() -> None:
    cells = grid()
    pairs = cell_table.crossed_pairs(cells)
    ends = [heatmap.draw(cells, factors=pair, ax=axes()).collections[0].get_clim() for pair in pairs]
    means = intervals.means(cells, by=["point"])["mean"]
    assert ends == [pytest.approx((means.min(), means.max()))] * 3


def test_a_field_without_a_complete_cell_is_empty() -> None:
    cells = grid()
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "state"] = "failed"
    ax = heatmap.draw(cells, factors=("conv_depth", "pooling"), ax=axes())
    assert len(ax.texts) == 5
    values = ax.collections[0].get_array()
    assert values is not None
    assert np.ma.getmaskarray(values).sum() == 1


@pytest.mark.parametrize("cells", [table(), sweep()], ids=["ablation", "sweep"])
def test_a_study_without_a_grid_is_refused(cells: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no two factors were varied together"):
        heatmap.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))


def test_the_pair_asked_for_in_either_order(tmp_path: Path) -> None:
    source = Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path)
    made = heatmap.compose(source, factors=["pooling", "conv_depth"])
    assert len(made.figure.axes) == 1
    assert made.title == "Do trunk depth and pooling act together on validation accuracy?"
    assert len(heatmap.compose(source).figure.axes) == 3
    with pytest.raises(FigureError, match="pooling and width were not varied together"):
        heatmap.compose(source, factors=["pooling", "width"])


def test_the_caption_tells_the_effects_of_the_grid(tmp_path: Path) -> None:
    made = heatmap.compose(Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path))
    caption = made.details
    assert grid_sentence(terms(grid())) in caption
    # Two depths with flatten and coordinates, three seeds each, change all three factors.
    assert "Not shown: 6 cells that change other factors, too." in caption
