"""The figure of two factors: its lines, its gaps, what it says, and where it points."""

import json
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
    assert made.answer.endswith(f" {rings} {'trial' if rings == 1 else 'trials'} did not learn.")


def test_an_extrapolation_is_called_one(tmp_path: Path) -> None:
    source = Source(str(csv(grown(gap=0.05), tmp_path / "g.csv")), tmp_path)
    made = interaction.compose(source, to=256)
    (crossing,) = crossings(source.table)
    end = interaction.extrapolations(crossing, to=256, log=True)["tanh"]
    assert f"Extrapolated to width=256: relu 0.{made.answer.partition('relu 0.')[2][:3]}" in made.answer
    assert f"tanh {end.mean:.3f} ({end.low:.3f} to {end.high:.3f})" in made.answer.replace("−", "-")
    assert made.caption.endswith("Dashed: extrapolated, a straight line through the means of the last three levels.")
    far = interaction.compose(source, to=1e9)
    assert "Extrapolated to width=1e+09: relu beyond 1, so its line must bend, tanh 0." in far.answer


@pytest.mark.parametrize("to", [64, 0, -1, np.nan, np.inf, 1e300])
def test_an_extrapolation_goes_on_to_a_number(to: float, tmp_path: Path) -> None:
    source = Source(str(csv(grown(gap=0.05), tmp_path / "g.csv")), tmp_path)
    with pytest.raises(FigureError, match="must be a number above the largest level of width, 64"):
        interaction.compose(source, to=to)


def test_levels_of_zero_and_below_have_a_figure(tmp_path: Path) -> None:
    cells = grown(gap=0.05)
    for smallest, scale in ((0, "linear"), (-100, "symlog"), (-3, "linear")):
        moved = {16: float(smallest), 32: 1.0, 64: 2.0}
        levels = cells["level.width"].map(moved)
        changes = [{} if level == smallest else {"width": f"{level:g}"} for level in levels]
        acts = [{"act": "tanh"} if act == "tanh" else {} for act in cells["level.act"]]
        texts = [json.dumps({**width, **act}) for width, act in zip(changes, acts, strict=True)]
        points = [" ".join(f"{k}={v}" for k, v in json.loads(text).items()) or "baseline" for text in texts]
        made = cells.assign(point=points, changes=texts, **{"level.width": levels})
        source = Source(str(csv(made, tmp_path / f"z{smallest}.csv")), tmp_path)
        composed = interaction.compose(source, to=8)
        assert composed.figure.axes[1].get_xscale() == scale
        assert "Extrapolated to width=8: relu 0." in composed.answer


def test_what_was_not_varied_together_is_said(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no numeric factor was varied together with another one; this needs a grid"):
        interaction.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    source = Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path)
    assert interaction.compose(source, factors=["conv_depth", "coordinates"]).answer
    with pytest.raises(
        FigureError, match="pooling conv_depth are no numeric factor and another one, varied together; take one of"
    ):
        interaction.compose(source, factors=["pooling", "conv_depth"])
