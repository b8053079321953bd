"""The main figures look as they did: each is compared with a small picture, with room for other processors."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from analysis import ablation, curves, damage, depth, factors, positions
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import Source
from tests.analysis.synthetic_tables import csv, epochs, table
from tests.conftest import ROOT

RESULTS = ROOT / "analysis" / "results"
LOOK = {"baseline_dir": "pictures", "tolerance": 12, "savefig_kwargs": {"dpi": 50}, "style": "default"}
"""A mark that is missing changes a picture by 20 and more; another version of FreeType by 5 and less."""


def drawn(script: FigureScript, path: Path) -> Figure:
    return script.make(Source(str(path), path.parent)).figure


@pytest.mark.mpl_image_compare(**LOOK)
def test_depth() -> Figure:
    return drawn(depth.SCRIPT, RESULTS / "qr_depth.csv")


@pytest.mark.mpl_image_compare(**LOOK)
def test_ablation() -> Figure:
    return drawn(ablation.SCRIPT, ROOT / "tests" / "samples" / "ablation_of_five_seeds.csv")


@pytest.mark.mpl_image_compare(**LOOK)
def test_factors() -> Figure:
    return drawn(factors.SCRIPT, RESULTS / "qr_quick.csv")


@pytest.mark.mpl_image_compare(**LOOK)
def test_positions() -> Figure:
    return drawn(positions.SCRIPT, RESULTS / "qr_quick.csv")


@pytest.mark.mpl_image_compare(**LOOK)
def test_curves(tmp_path: Path) -> Figure:
    return drawn(curves.SCRIPT, csv(epochs(table()), tmp_path / "epochs.csv"))


@pytest.mark.mpl_image_compare(**LOOK)
def test_damage(tmp_path: Path) -> Figure:
    cells = table([{}, {"damage": 0.05}, {"damage": 0.1}], base={"damage": 0.0}).assign(task="handwritten")
    return drawn(damage.SCRIPT, csv(cells, tmp_path / "damage.csv"))
