"""The figure of two factors: its lines, its gaps, what it says, and where it points."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from analysis import interaction
from analysis.drawing.composed import RINGS
from analysis.drawing.source import FigureError, Source
from study.inference.crossing import crossings
from study.inference.learned import did_not_learn
from tests.analysis.synthetic_tables import csv, grid, table
from tests.conftest import ROOT
from tests.inference.test_crossing import grown


def lines(ax: Axes) -> list[np.ndarray]:
    return [y for line in ax.lines if len(y := np.asarray(line.get_ydata(), float)) == 3]


def test_lines_are_means_and_gaps_are_their_differences(tmp_path: Path) -> None:
    cells = grown(gap=0.05)
    made = interaction.compose(Source(str(csv(cells, tmp_path / "g.csv")), tmp_path))
    above, below = made.figure.axes
    means = cells.groupby(["level.act", "level.width"])["metric.val_acc"].mean()
    for act in ("relu", "tanh"):
        assert any(line == pytest.approx(means[act].to_numpy()) for line in lines(above))
    assert lines(below)[0] == pytest.approx((means["tanh"] - means["relu"]).to_numpy())
    assert [text.get_text() for text in above.texts] == ["relu", "tanh"]
    assert below.get_xscale() == "log"
    assert made.answer.startswith("Yes: from width=16 to 64 the gap of act=tanh")


def test_seeds_that_did_not_learn_are_rings(tmp_path: Path) -> None:
    source = Source(str(ROOT / "analysis" / "results" / "qr_grid.csv"), tmp_path)
    crossing = next(one for one in crossings(source.table) if one.between == "coordinates")
    made = interaction.compose(source, factors=["conv_depth", "coordinates"])
    marks = [each for ax in made.figure.axes for each in ax.collections if isinstance(each, PathCollection)]
    rings = sum(int((np.asarray(each.get_facecolor())[:, 3] == 0).sum()) for each in marks)
    assert rings == int(did_not_learn(source.table)[crossing.values.index].sum()) > 0
    assert made.caption.endswith(RINGS)


def test_an_extrapolation_is_called_one(tmp_path: Path) -> None:
    source = Source(str(csv(grown(gap=0.05), tmp_path / "g.csv")), tmp_path)
    made = interaction.compose(source, to=256)
    (crossing,) = crossings(source.table)
    end = crossing.extrapolated("tanh", to=256, log=True)
    assert f"Extrapolated to width=256: relu 0.{made.answer.partition('relu 0.')[2][:3]}" in made.answer
    assert f"tanh {end.mean:.3f} ({end.low:.3f} to {end.high:.3f})" in made.answer.replace("−", "-")
    assert made.caption.endswith("Dashed: extrapolated, straight through the last three levels.")
    with pytest.raises(FigureError, match="--to 64: must be above the largest level of width, 64"):
        interaction.compose(source, to=64)


def test_what_was_not_varied_together_is_said(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no numeric factor was varied together with another one; this needs a grid"):
        interaction.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    source = Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path)
    assert interaction.compose(source, factors=["conv_depth", "coordinates"]).answer
    with pytest.raises(FigureError, match="pooling conv_depth is no number and another factor; these are: conv_depth"):
        interaction.compose(source, factors=["pooling", "conv_depth"])
