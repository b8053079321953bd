"""The heatmap: a field for each pair of levels, with its mean and n; refused where there is no grid."""

from collections.abc import Mapping
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis import heatmap
from analysis.drawing.source import FigureError, Source
from analysis.heatmap import Panel
from study.inference import cell_table, intervals
from study.inference.factorial import grid_sentence, terms
from study.task import Level
from tests.analysis.synthetic_tables import axes, csv, grid, sweep, table


def test_each_field_holds_its_mean_half_width_and_n() -> None:
    cells = grid()
    cells.loc[cells["key"] == "conv_depth=2/0", "state"] = "diverged"
    ax = heatmap.draw(cells, panel=Panel(("conv_depth", "pooling")), ax=axes())
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
    ax = heatmap.draw(grid(), panel=Panel(("conv_depth", "coordinates")), ax=axes())
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert frame.get_xy() == (2, 0)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["off", "on"]


def test_panels_share_one_scale_of_colours() -> None:
    cells = grid()
    pairs = cell_table.crossed_pairs(cells)
    ends = [heatmap.draw(cells, panel=Panel(pair), ax=axes()).collections[0].get_clim() for pair in pairs]
    means = intervals.means(cells, by=["point"])["mean"]
    assert ends == [pytest.approx((means.min(), means.max()))] * 3


def test_a_field_without_a_complete_cell_is_empty() -> None:
    cells = grid()
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "state"] = "failed"
    ax = heatmap.draw(cells, panel=Panel(("conv_depth", "pooling")), ax=axes())
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
    with pytest.raises(FigureError, match="pooling and width were not varied together"):
        heatmap.compose(source, factors=["pooling", "width"])


def test_the_caption_tells_the_effects_of_the_grid_and_what_no_panel_shows(tmp_path: Path) -> None:
    source = Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path)
    made = heatmap.compose(source)
    assert grid_sentence(terms(grid())) in made.details
    assert "Not shown" not in made.caption + made.details
    # Four points with coordinates, three seeds each.
    two = heatmap.compose(source, factors=["pooling", "conv_depth"])
    assert "Not shown: 18 cells" in two.caption


def test_every_point_of_a_grid_is_in_a_panel(tmp_path: Path) -> None:
    cells = grid()
    made = heatmap.compose(Source(str(csv(cells, tmp_path / "g.csv")), tmp_path))
    off, on = made.figure.axes
    assert [ax.get_title(loc="left") for ax in (off, on)] == ["coordinates as input: off", "coordinates as input: on"]
    means = [float(text.get_text().split()[0]) for ax in (off, on) for text in ax.texts]
    expected = intervals.means(cells, by=["point"])["mean"]
    assert sorted(means) == pytest.approx(sorted(expected), abs=0.0006)
    assert len([patch for ax in (off, on) for patch in ax.patches]) == 1  # Only one panel holds the baseline.


def four(levels: int) -> pd.DataFrame:
    """A grid of four factors of two levels each, of which the last one has so many."""
    names = dict(zip("abcd", (2, 2, 2, levels), strict=True))
    points = [dict(zip(names, each, strict=True)) for each in product(*(range(count) for count in names.values()))]
    changed: list[Mapping[str, Level]] = [{name: level for name, level in point.items() if level} for point in points]
    return table(changed, base=dict.fromkeys(names, 0), seeds=2)


def test_a_grid_of_four_factors_has_a_panel_for_each_pair_of_the_others_levels() -> None:
    shown = heatmap.panels(four(3))
    assert {panel.pair for panel in shown} == {("a", "d")}
    assert [panel.others for panel in shown] == [{"b": b, "c": c} for b in (0, 1) for c in (0, 1)]
    assert sum(len(panel.cells(four(3))) for panel in shown) == len(four(3))


def test_too_many_panels_become_pairs_with_the_others_at_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heatmap, "MOST_PANELS", 3)
    cells = four(2)
    assert [panel.pair for panel in heatmap.panels(cells)] == list(combinations("abcd", 2))
    made = heatmap.compose(Source(str(csv(cells, tmp_path / "g.csv")), tmp_path))
    assert "Not shown: 10 cells that change other factors, too." in made.caption  # Five points of two seeds.


def test_the_answer_is_the_strongest_interaction() -> None:
    cells, panel = grid(), Panel(("conv_depth", "pooling"), {"coordinates": False})
    cells.loc[cells["point"].str.startswith("conv_depth=2 pooling=flatten"), "metric.val_acc"] += 0.3
    found = heatmap.answer(terms(cells), [panel])
    assert found.startswith("Yes: ")
    assert "the largest is conv_depth=2 × pooling=flatten, +0.3" in found
    assert heatmap.answer(terms(cells), [Panel(("pooling", "coordinates"))]).startswith(
        "Not shown: the one interaction"
    )
    alone = cells[cells["seed"] == 0]
    assert heatmap.answer(terms(alone), [panel]).startswith("No interaction can be tested")


def test_fields_too_small_for_numbers_have_a_colour_bar(tmp_path: Path) -> None:
    points: list[Mapping[str, Level]] = [{"a": a, "b": b} for a in range(20) for b in range(2)]
    changed = [{name: level for name, level in point.items() if level} for point in points]
    cells = table(changed, base={"a": 0, "b": 0}, seeds=1)
    figure = heatmap.compose(Source(str(csv(cells, tmp_path / "g.csv")), tmp_path)).figure
    assert len(figure.axes) == 2
    assert not figure.axes[0].texts
