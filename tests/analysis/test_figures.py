"""Every figure: each has its words, and suits a study or says why not."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from analysis import ablation, cost, factors, figures
from analysis.drawing.composed import RINGS, Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import FigureError, Source
from study.inference.exported_file import read_export
from study.inference.learned import did_not_learn
from tests.analysis.synthetic_tables import csv, sweep, table
from tests.conftest import ROOT

DRAWN = ("depth", "factors", "ablation", "positions", "cost")


@pytest.mark.parametrize("script", [each for each in figures.SCRIPTS if each.name in DRAWN], ids=lambda each: each.name)
def test_each_figure_has_a_title_and_a_short_caption(script: FigureScript, tmp_path: Path) -> None:
    made: Composed = script.make(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    texts = {text.get_gid(): text.get_text() for text in made.figure.texts}
    assert texts["title"].replace("\n", " ") == made.title
    assert texts["caption"].count("\n") <= 1
    assert made.caption.startswith("synthetic: ")
    assert not texts["caption"].endswith("…")


@pytest.mark.parametrize("script", [ablation.SCRIPT, cost.SCRIPT, factors.SCRIPT], ids=lambda each: each.name)
def test_rings_among_the_dots_are_the_seeds_that_did_not_learn(script: FigureScript, tmp_path: Path) -> None:
    path = ROOT / "tests" / "samples" / "ablation_of_five_seeds.csv"
    failed = int(did_not_learn(read_export(path)).sum())
    made: Composed = script.make(Source(str(path), tmp_path))
    marks = [each for ax in made.figure.axes for each in ax.collections if isinstance(each, PathCollection)]
    rings = sum(int((np.asarray(each.get_facecolor())[:, 3] == 0).sum()) for each in marks)
    panels = sum(ax.has_data() for ax in made.figure.axes) if script is cost.SCRIPT else 1
    assert (failed, rings) == (10, failed * panels)
    shown = {text.get_gid(): text.get_text() for text in made.figure.texts}["caption"]
    assert shown.replace("\n", " ").endswith(RINGS)
    assert shown.count("\n") <= 1
    assert made.details.endswith(RINGS)


def test_a_search_whose_best_points_wait_for_their_seeds_has_figures(tmp_path: Path) -> None:
    cells = sweep()
    cells.loc[cells["phase"] == "confirm", "state"] = "missing"
    source = Source(str(csv(cells, tmp_path / "t.csv")), tmp_path)
    assert factors.SCRIPT.make(source).answer == factors.NOT_COMPARED
    with pytest.raises(FigureError, match="no comparable cell has any of parameters"):
        cost.SCRIPT.make(source)


def test_a_source_that_suits_no_figure_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = csv(table().head(0), tmp_path / "t.csv")
    with pytest.raises(FigureError, match=r"t\.csv: nothing was recorded yet"):
        figures.draw_all(Source(str(path), tmp_path))
